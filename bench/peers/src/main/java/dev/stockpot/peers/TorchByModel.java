package dev.stockpot.peers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * libtorch as most people who care about memory would write it: models are mapped one at a time and added in place to a sum of
 * the whole model in F32, which is then divided, cast and written.
 */
final class TorchByModel implements Peer {
    @Override
    @SuppressWarnings("try")
    public void average(List<Path> models, Path out, int threads) throws IOException {
        torch.set_num_threads(threads);
        Map<String, Tensor> sums = new LinkedHashMap<>();
        try (NoGradGuard noGrad = new NoGradGuard()) {
            for (Path path : models) {
                try (ModelFile model = new ModelFile(path)) {
                    add(model, sums);
                }
            }
            try (ModelFile first = new ModelFile(models.get(0));
                    SoupFile soup = new SoupFile(out, first)) {
                for (ModelFile.Entry entry : first.tensors().values()) {
                    write(entry, first, sums.get(entry.name()), models.size(), soup);
                }
            }
        }
    }

    @SuppressWarnings("try")
    private static void add(ModelFile model, Map<String, Tensor> sums) throws IOException {
        for (ModelFile.Entry entry : model.tensors().values()) {
            if (!Peer.isFloat(entry)) {
                continue;
            }
            Tensor sum = sums.get(entry.name());
            ByteBuffer mapped = model.map(entry);
            if (sum == null) {
                sum = Torch.empty(entry, ScalarType.Float);
                sums.put(entry.name(), sum);
                try (PointerScope scope = new PointerScope()) {
                    sum.copy_(Torch.over(entry, mapped));
                }
            } else {
                try (PointerScope scope = new PointerScope()) {
                    sum.add_(Torch.over(entry, mapped));
                }
            }
        }
    }

    @SuppressWarnings("try")
    private static void write(ModelFile.Entry entry, ModelFile first, Tensor sum, int count, SoupFile soup)
            throws IOException {
        if (sum == null) {
            soup.write(entry.begin(), first.map(entry));
            return;
        }
        try (PointerScope scope = new PointerScope()) {
            Tensor result = sum.div_(new Scalar((double) count)).to(Torch.type(entry));
            soup.write(entry.begin(), Torch.bytes(result, entry.bytes()));
        }
        sum.close();
    }
}
