package dev.stockpot.training;

import static dev.stockpot.training.NetworkSource.Slot.buffer;
import static dev.stockpot.training.NetworkSource.Slot.parameter;

import dev.stockpot.training.NetworkSource.Slot;
import dev.stockpot.training.NetworkSource.Start;
import java.util.ArrayList;
import java.util.List;

/** The networks for grey images of 28 x 28. They take bytes, or floats from 0 to 255 in training. */
final class ImageNetworks {
    private ImageNetworks() {}

    /** Patches of 4 x 4, a convolution and two linear layers: 64,000 parameters for ten classes. */
    static NetworkSource plain(int classes) {
        List<Slot> slots = new ArrayList<>();
        layer(slots, "patches", 32, 1, 4, 4);
        layer(slots, "conv", 48, 32, 3, 3);
        layer(slots, "fc1", 64, 768);
        layer(slots, "fc2", classes, 64);
        return new NetworkSource("""
                def forward(self, x: Tensor) -> Tensor:
                    x = x.float() / 255.0 - 0.28
                    x = torch.relu(torch.conv2d(x, self.patches.weight, self.patches.bias, [4, 4]))
                    x = torch.relu(torch.conv2d(x, self.conv.weight, self.conv.bias, [2, 2], [1, 1]))
                    x = torch.relu(torch.matmul(x.flatten(1), self.fc1.weight.t()) + self.fc1.bias)
                    return torch.matmul(x, self.fc2.weight.t()) + self.fc2.bias
                """, slots);
    }

    /** Patches of 4 x 4 and two convolutions, each with batch normalisation, and a linear layer: 31,000 parameters. */
    static NetworkSource normalized(int classes) {
        List<Slot> slots = new ArrayList<>();
        StringBuilder code = new StringBuilder("def forward(self, x: Tensor) -> Tensor:\n");
        code.append("    x = x.float() / 255.0 - 0.28\n");
        normalized(slots, code, 1, 1, 32, 4, "[4, 4], [0, 0]");
        normalized(slots, code, 2, 32, 48, 3, "[2, 2], [1, 1]");
        normalized(slots, code, 3, 48, 24, 3, "[1, 1], [1, 1]");
        layer(slots, "fc", classes, 384);
        code.append("    return torch.matmul(x.flatten(1), self.fc.weight.t()) + self.fc.bias\n");
        return new NetworkSource(code.toString(), slots);
    }

    private static void normalized(
            List<Slot> slots, StringBuilder code, int number, int from, int to, int side, String strideAndPadding) {
        slots.add(parameter("conv" + number, "weight", Start.SCALED, to, from, side, side));
        slots.add(parameter("bn" + number, "weight", Start.ONES, to));
        slots.add(parameter("bn" + number, "bias", Start.ZEROS, to));
        slots.add(buffer("bn" + number, "running_mean", Start.ZEROS, to));
        slots.add(buffer("bn" + number, "running_var", Start.ONES, to));
        code.append("""
                    x = torch.conv2d(x, self.conv%1$d.weight, None, %2$s)
                    x = torch.relu(torch.batch_norm(x, self.bn%1$d.weight, self.bn%1$d.bias, self.bn%1$d.running_mean,
                                   self.bn%1$d.running_var, self.bn%1$d.training, 0.1, 1e-5, False))
                """.formatted(number, strideAndPadding));
    }

    private static void layer(List<Slot> slots, String module, long... shape) {
        slots.add(parameter(module, "weight", Start.SCALED, shape));
        slots.add(parameter(module, "bias", Start.ZEROS, shape[0]));
    }
}
