package dev.stockpot.fuzz;

import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.onnx.OnnxGraph;
import dev.stockpot.checkpoint.onnx.OnnxShell;
import dev.stockpot.checkpoint.onnx.OnnxTemplate;
import dev.stockpot.error.CheckpointException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** An ONNX model with a data file beside it: read, written again, and taken as the shell of a candidate. */
final class OnnxFuzz implements FuzzTarget {
    private static final int DATA_BYTES = 256;

    private final Path file = FuzzTarget.file(".onnx");
    private final FuzzTarget template = new TemplateFuzz(file, List.of(OpenOptions.defaults()), OnnxTemplate::open);

    OnnxFuzz() {
        try {
            Path data = Files.write(file.resolveSibling("data"), new byte[DATA_BYTES]);
            data.toFile().deleteOnExit();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void run(byte[] input) throws Exception {
        template.run(input);
        try {
            OnnxGraph.of(file);
            OnnxShell shell = OnnxShell.of(file);
            shell.message(shell.uses().keySet(), Set.of());
            shell.message(Set.of(), shell.tensors().keySet());
        } catch (CheckpointException e) {
            Refusal.check(e, input);
        }
    }
}
