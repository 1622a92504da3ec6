package dev.stockpot.evaluate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.HandedOver;
import dev.stockpot.tensor.TensorMemory;
import dev.stockpot.tensor.TensorSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** A safetensors file as a candidate. */
record FileCandidate(Path file, AtomicInteger open) implements Candidate {
    FileCandidate(Path file) {
        this(file, new AtomicInteger());
    }

    @Override
    public String name() {
        return file.getFileName().toString().replace(".safetensors", "");
    }

    @Override
    public Map<String, TensorSpec> tensors() {
        Map<String, TensorSpec> tensors = new LinkedHashMap<>();
        Checkpoint.open(file).tensors().forEach((name, tensor) -> tensors.put(name, tensor.spec()));
        return tensors;
    }

    @Override
    public HandedOver handOver(Form form) {
        assertEquals(Form.SAFETENSORS, form);
        open.incrementAndGet();
        byte[] before = bytes();
        return new HandedOver() {
            @Override
            public Path path() {
                return file;
            }

            @Override
            public void checkUntouched() {
                if (!Arrays.equals(before, bytes())) {
                    throw new EvaluationException(Reason.CANDIDATE_CHANGED, name() + ": was written to");
                }
            }

            @Override
            public void close() {
                open.decrementAndGet();
            }
        };
    }

    private byte[] bytes() {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void mixInto(Map<String, TensorMemory> targets) {
        throw new UnsupportedOperationException();
    }
}
