package dev.stockpot.evaluate.torchscript;

import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.heldout.NameMatch;
import dev.stockpot.tensor.TensorMemory;
import dev.stockpot.tensor.TensorSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Mixes a candidate into a module's parameters and buffers: straight into their memory if the element types agree,
 * otherwise through temporary tensors of the candidate's type, a bounded group at a time.
 */
final class CandidateLoader {
    /** Most bytes of temporary tensors at a time, unless a single tensor takes more. */
    private static final long GROUP_BYTES = 64L << 20;

    private CandidateLoader() {}

    static void load(Candidate candidate, LoadedModule module, NameMatch names) throws InterruptedException {
        Map<String, TensorMemory> direct = new LinkedHashMap<>();
        Map<String, Tensor> converted = new LinkedHashMap<>();
        names.byCandidate().forEach((name, counterparts) -> {
            Tensor target = module.value(counterparts.get(0));
            TensorSpec tensor = candidate.tensors().get(name);
            boolean sameType = LibTorch.dtype(target.scalar_type(), name) == tensor.dtype();
            if (sameType && target.is_contiguous()) {
                direct.put(name, TensorBytes.of(target));
            } else {
                converted.put(name, target);
            }
        });
        candidate.mixInto(direct);

        Map<String, Tensor> group = new LinkedHashMap<>();
        long bytes = 0;
        for (Map.Entry<String, Tensor> entry : converted.entrySet()) {
            long more = bytes(candidate.tensors().get(entry.getKey()));
            if (bytes > 0 && bytes + more > GROUP_BYTES) {
                loadConverted(candidate, group);
                group.clear();
                bytes = 0;
            }
            group.put(entry.getKey(), entry.getValue());
            bytes += more;
        }
        loadConverted(candidate, group);
    }

    private static long bytes(TensorSpec tensor) {
        return tensor.bytes();
    }

    @SuppressWarnings("try")
    private static void loadConverted(Candidate candidate, Map<String, Tensor> targets) throws InterruptedException {
        Map<String, Tensor> mixed = new LinkedHashMap<>();
        try {
            Map<String, TensorMemory> memory = new LinkedHashMap<>();
            for (String name : targets.keySet()) {
                TensorSpec tensor = candidate.tensors().get(name);
                Tensor temporary =
                        LibTorch.empty(LibTorch.type(tensor.dtype(), "'" + name + "'"), sizes(tensor.shape()));
                mixed.put(name, temporary);
                memory.put(name, TensorBytes.of(temporary));
            }
            candidate.mixInto(memory);
            try (PointerScope scope = new PointerScope();
                    NoGradGuard noGrad = new NoGradGuard()) {
                targets.forEach((name, target) -> target.copy_(mixed.get(name)));
            }
        } finally {
            mixed.values().forEach(Tensor::close);
        }
    }

    private static long[] sizes(List<Long> shape) {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }
}
