package dev.stockpot.peers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * libtorch with care: all files are mapped; one tensor at a time is summed in F32 in place, divided, cast and written, so that
 * memory holds only one tensor's sum and its cast.
 */
final class TorchByTensor implements Peer {
    @Override
    @SuppressWarnings("try")
    public void average(List<Path> models, Path out, int threads) throws IOException {
        torch.set_num_threads(threads);
        List<ModelFile> files = Peer.open(models);
        try (SoupFile soup = new SoupFile(out, files.get(0));
                NoGradGuard noGrad = new NoGradGuard()) {
            for (ModelFile.Entry first : files.get(0).tensors().values()) {
                try (PointerScope scope = new PointerScope()) {
                    tensor(files, first, soup);
                }
            }
        }
        for (ModelFile file : files) {
            file.close();
        }
    }

    private static void tensor(List<ModelFile> files, ModelFile.Entry first, SoupFile soup) throws IOException {
        ByteBuffer mapped = files.get(0).map(first);
        if (!Peer.isFloat(first)) {
            soup.write(first.begin(), mapped);
            return;
        }
        Tensor sum = Torch.empty(first, ScalarType.Float);
        sum.copy_(Torch.over(first, mapped));
        for (ModelFile file : files.subList(1, files.size())) {
            ModelFile.Entry entry = file.tensors().get(first.name());
            ByteBuffer bytes = file.map(entry);
            sum.add_(Torch.over(entry, bytes));
        }
        Tensor result = sum.div_(new Scalar((double) files.size())).to(Torch.type(first));
        soup.write(first.begin(), Torch.bytes(result, first.bytes()));
    }
}
