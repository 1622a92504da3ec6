package dev.stockpot.training;

import static dev.stockpot.training.NetworkSource.Slot.buffer;
import static dev.stockpot.training.NetworkSource.Slot.parameter;

import dev.stockpot.training.NetworkSource.Slot;
import dev.stockpot.training.NetworkSource.Start;
import java.util.ArrayList;
import java.util.List;

/** The networks for grey images of 28 x 28. They take bytes, or floats from 0 to 255 while they are trained. */
final class ImageNetworks {
    private ImageNetworks() {}

    /** Three convolutions and two linear layers: 69,000 parameters for ten classes. */
    static NetworkSource plain(int classes) {
        List<Slot> slots = new ArrayList<>();
        layer(slots, "conv1", 16, 1, 5, 5);
        layer(slots, "conv2", 32, 16, 3, 3);
        layer(slots, "conv3", 48, 32, 3, 3);
        layer(slots, "fc1", 64, 768);
        layer(slots, "fc2", classes, 64);
        return new NetworkSource(
                """
                def forward(self, x: Tensor) -> Tensor:
                    x = x.float() / 255.0 - 0.28
                    x = torch.relu(torch.conv2d(x, self.conv1.weight, self.conv1.bias, [2, 2], [2, 2]))
                    x = torch.relu(torch.conv2d(x, self.conv2.weight, self.conv2.bias, [2, 2], [1, 1]))
                    x = torch.relu(torch.conv2d(x, self.conv3.weight, self.conv3.bias, [2, 2], [1, 1]))
                    x = torch.relu(torch.matmul(x.flatten(1), self.fc1.weight.t()) + self.fc1.bias)
                    return torch.matmul(x, self.fc2.weight.t()) + self.fc2.bias
                """,
                slots);
    }

    /** Three convolutions, each with batch normalisation, and one linear layer: 31,000 parameters for ten classes. */
    static NetworkSource normalized(int classes) {
        List<Slot> slots = new ArrayList<>();
        StringBuilder code = new StringBuilder("def forward(self, x: Tensor) -> Tensor:\n");
        code.append("    x = x.float() / 255.0 - 0.28\n");
        int[] channels = {1, 16, 32, 64};
        for (int i = 1; i <= 3; i++) {
            slots.add(parameter("conv" + i, "weight", Start.SCALED, channels[i], channels[i - 1], 3, 3));
            slots.add(parameter("bn" + i, "weight", Start.ONES, channels[i]));
            slots.add(parameter("bn" + i, "bias", Start.ZEROS, channels[i]));
            slots.add(buffer("bn" + i, "running_mean", Start.ZEROS, channels[i]));
            slots.add(buffer("bn" + i, "running_var", Start.ONES, channels[i]));
            code.append(
                    """
                        x = torch.conv2d(x, self.conv%1$d.weight, None, [2, 2], [1, 1])
                        x = torch.relu(torch.batch_norm(x, self.bn%1$d.weight, self.bn%1$d.bias, self.bn%1$d.running_mean,
                                       self.bn%1$d.running_var, self.bn%1$d.training, 0.1, 1e-5, False))
                    """
                            .formatted(i));
        }
        layer(slots, "fc", classes, 1024);
        code.append("    return torch.matmul(x.flatten(1), self.fc.weight.t()) + self.fc.bias\n");
        return new NetworkSource(code.toString(), slots);
    }

    private static void layer(List<Slot> slots, String module, long... shape) {
        slots.add(parameter(module, "weight", Start.SCALED, shape));
        slots.add(parameter(module, "bias", Start.ZEROS, shape[0]));
    }
}
