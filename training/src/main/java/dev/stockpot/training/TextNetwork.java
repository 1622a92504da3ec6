package dev.stockpot.training;

import static dev.stockpot.training.NetworkSource.Slot.parameter;

import dev.stockpot.training.NetworkSource.Slot;
import dev.stockpot.training.NetworkSource.Start;
import java.util.ArrayList;
import java.util.List;

/** A small transformer encoder (Vaswani et al. 2017): two blocks of four heads, then the mean over a text's words. */
final class TextNetwork {
    /** Words in the vocabulary, including the padding and the unknown word. */
    static final int WORDS = 1536;

    private static final int WIDTH = 32;

    private TextNetwork() {}

    static NetworkSource of(int classes) {
        List<Slot> slots = new ArrayList<>();
        slots.add(parameter("words", "weight", Start.SMALL, WORDS, WIDTH));
        slots.add(parameter("places", "weight", Start.SMALL, Texts.LENGTH, WIDTH));
        StringBuilder code = new StringBuilder("""
                def forward(self, x: Tensor) -> Tensor:
                    ids = x.long()
                    some = (ids != 0).float()
                    mask = (some - 1.0).unsqueeze(1).unsqueeze(1) * 1e9
                    h = torch.embedding(self.words.weight, ids) + self.places.weight
                """);
        for (int block = 1; block <= 2; block++) {
            normalization(slots, "norm" + block + "a");
            linear(slots, "qkv" + block, 3L * WIDTH, WIDTH);
            linear(slots, "out" + block, WIDTH, WIDTH);
            normalization(slots, "norm" + block + "b");
            linear(slots, "up" + block, 2L * WIDTH, WIDTH);
            linear(slots, "down" + block, WIDTH, 2L * WIDTH);
            code.append("""
                        n%1$d = torch.layer_norm(h, [32], self.norm%1$da.weight, self.norm%1$da.bias)
                        qkv%1$d = torch.matmul(n%1$d, self.qkv%1$d.weight.t()) + self.qkv%1$d.bias
                        p%1$d = qkv%1$d.view([-1, 32, 3, 4, 8]).permute([2, 0, 3, 1, 4])
                        s%1$d = torch.matmul(p%1$d[0], p%1$d[1].transpose(2, 3)) * 0.35355339 + mask
                        a%1$d = torch.matmul(torch.softmax(s%1$d, 3), p%1$d[2]).transpose(1, 2).reshape([-1, 32, 32])
                        h = h + torch.matmul(a%1$d, self.out%1$d.weight.t()) + self.out%1$d.bias
                        m%1$d = torch.layer_norm(h, [32], self.norm%1$db.weight, self.norm%1$db.bias)
                        u%1$d = torch.relu(torch.matmul(m%1$d, self.up%1$d.weight.t()) + self.up%1$d.bias)
                        h = h + torch.matmul(u%1$d, self.down%1$d.weight.t()) + self.down%1$d.bias
                    """.formatted(block));
        }
        linear(slots, "head", classes, WIDTH);
        code.append("""
                    mean = (h * some.unsqueeze(2)).sum([1]) / (some.sum([1]).unsqueeze(1) + 1e-6)
                    return torch.matmul(mean, self.head.weight.t()) + self.head.bias
                """);
        return new NetworkSource(code.toString(), slots);
    }

    private static void linear(List<Slot> slots, String module, long outputs, long inputs) {
        slots.add(parameter(module, "weight", Start.SCALED, outputs, inputs));
        slots.add(parameter(module, "bias", Start.ZEROS, outputs));
    }

    private static void normalization(List<Slot> slots, String module) {
        slots.add(parameter(module, "weight", Start.ONES, WIDTH));
        slots.add(parameter(module, "bias", Start.ZEROS, WIDTH));
    }
}
