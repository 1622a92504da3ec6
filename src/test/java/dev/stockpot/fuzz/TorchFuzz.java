package dev.stockpot.fuzz;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.file.Template;
import dev.stockpot.checkpoint.torch.TorchTemplate;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A whole PyTorch file: opened with and without a key, its values read, and taken as the structure of an output. */
class TorchFuzz implements FuzzTarget {
    private static final List<OpenOptions> WAYS =
            List.of(OpenOptions.defaults(), OpenOptions.builder().key(".").build());

    private final Path file;

    TorchFuzz(String ending) {
        this.file = FuzzTarget.file(ending);
    }

    @Override
    public void run(byte[] input) throws IOException {
        Files.write(file, input);
        read(file, input);
    }

    /** Reads what is in {@code file}, which {@code input} describes. */
    static void read(Path file, byte[] input) throws IOException {
        for (OpenOptions way : WAYS) {
            try (Checkpoint checkpoint = Checkpoint.open(file, way)) {
                WrittenAgain.check(checkpoint, file);
            } catch (CheckpointException e) {
                Refusal.check(e, input);
            }
        }
        try (TorchTemplate template = TorchTemplate.open(
                        file, new Template.Naming(List.of(), false, Optional.empty(), name -> name, Set.of()));
                Checkpoint checkpoint = Checkpoint.open(file)) {
            List<TensorSpec> weights =
                    checkpoint.tensors().values().stream().map(TensorInfo::spec).toList();
            template.check(weights);
            template.layout(Path.of("out.pt"), weights, Map.of(), Map.of());
        } catch (CheckpointException e) {
            Refusal.check(e, input);
        }
    }
}
