package dev.stockpot.peers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The loop of the code published with the paper, for a uniform soup: it loads one state dict at a time whole into memory, and
 * forms a new dict, the old soup plus 1/N times the state, tensor by tensor in the tensors' own type.
 */
final class PaperLoop implements Peer {
    @Override
    @SuppressWarnings("try")
    public void average(List<Path> models, Path out, int threads) throws IOException {
        torch.set_num_threads(threads);
        try (NoGradGuard noGrad = new NoGradGuard()) {
            Map<String, Tensor> soup = Map.of();
            for (Path path : models) {
                try (ModelFile model = new ModelFile(path)) {
                    Map<String, Tensor> state = load(model);
                    Map<String, Tensor> next = new LinkedHashMap<>();
                    for (ModelFile.Entry entry : model.tensors().values()) {
                        next.put(entry.name(), sum(entry, state, soup, models.size()));
                    }
                    state.values().forEach(Tensor::close);
                    soup.values().forEach(Tensor::close);
                    soup = next;
                }
            }
            try (ModelFile first = new ModelFile(models.get(0));
                    SoupFile file = new SoupFile(out, first)) {
                for (ModelFile.Entry entry : first.tensors().values()) {
                    file.write(entry.begin(), Torch.bytes(soup.get(entry.name()), entry.bytes()));
                }
            }
        }
    }

    private static Map<String, Tensor> load(ModelFile model) throws IOException {
        Map<String, Tensor> state = new LinkedHashMap<>();
        for (ModelFile.Entry entry : model.tensors().values()) {
            Tensor tensor = Torch.empty(entry, Torch.type(entry));
            model.read(entry, Torch.bytes(tensor, entry.bytes()));
            state.put(entry.name(), tensor);
        }
        return state;
    }

    @SuppressWarnings("try")
    private static Tensor sum(ModelFile.Entry entry, Map<String, Tensor> state, Map<String, Tensor> soup, int count) {
        try (PointerScope scope = new PointerScope()) {
            Tensor value = state.get(entry.name());
            if (!Peer.isFloat(entry)) {
                Tensor kept = soup.isEmpty() ? value : soup.get(entry.name());
                return kept.clone().retainReference();
            }
            Tensor part = value.mul(new Scalar(1.0 / count));
            Tensor sum = soup.isEmpty() ? part : soup.get(entry.name()).add(part);
            return sum.retainReference();
        }
    }
}
