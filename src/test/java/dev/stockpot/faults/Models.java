package dev.stockpot.faults;

import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Small checkpoints, and evaluators that need nothing installed but a shell or Python. */
final class Models {
    /** Scores that look random but are the same for the same values. */
    static final String SCORE_BY_CONTENT =
            "sum=$(tail -c 4000 \"$1\" | cksum | cut -d' ' -f1)\necho \"{\\\"accuracy\\\": 0.$((sum % 9000 + 1000))}\"\n";

    /** The loss is half the mean square of all weights, which is also its own gradient up to a factor. */
    static final String WORKER = """
            import sys
            sys.path.insert(0, sys.argv[1])
            import numpy, stockpot_worker
            def loss(checkpoint, batch):
                flat = numpy.concatenate([a.astype(float).ravel() for a in checkpoint.numpy().values()])
                return {"loss": float((1 if batch is None else batch.beta) * 0.5 * numpy.mean(flat ** 2))}
            def gradient(checkpoint, batch):
                arrays = {n: a.astype(float) for n, a in checkpoint.numpy().items()}
                size = sum(a.size for a in arrays.values())
                value = loss(checkpoint, None)["loss"]
                return batch.beta * value, value, {n: batch.beta * a / size for n, a in arrays.items()}
            stockpot_worker.serve(loss, gradient, examples=8, metrics=["loss"], identity="squares")
            """;

    private static final int FURTHER = 96;

    private Models() {}

    /** Model number {@code n}, with {@code rows} rows in its largest tensor. */
    static void write(Path file, int n, int rows) throws IOException {
        Random random = new Random(n);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("embedding", floats("[" + rows + ",64]", rows * 64, random));
        tensors.put("layer.weight", floats("[64,64]", 64 * 64, random));
        byte[] halves = new byte[2 * 640];
        for (int i = 1; i < halves.length; i += 2) {
            // BF16 between 2^-3 and 2^-1.
            halves[i] = (byte) (0x3e + random.nextInt(1));
            halves[i - 1] = (byte) random.nextInt();
        }
        tensors.put("layer.bias", new Tensor(DType.BF16, "[640]", halves));
        TestFiles.write(file, tensors);
    }

    /** Another model with the same tensors, whose values begin further on in the file. */
    static void writeOther(Path file, int rows) throws IOException {
        write(file, 99, rows);
        byte[] bytes = Files.readAllBytes(file);
        int header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(0);
        ByteBuffer longer = ByteBuffer.allocate(bytes.length + FURTHER).order(ByteOrder.LITTLE_ENDIAN);
        longer.putLong(header + FURTHER).put(bytes, 8, header);
        longer.put(" ".repeat(FURTHER).getBytes(StandardCharsets.US_ASCII));
        longer.put(bytes, 8 + header, bytes.length - 8 - header);
        Files.write(file, longer.array());
    }

    private static Tensor floats(String shape, int count, Random random) {
        ByteBuffer values = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            values.putFloat((float) random.nextGaussian());
        }
        return new Tensor(DType.F32, shape, values.array());
    }

    /** The path of an executable script. */
    static Path script(Path file, String body) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + body);
        if (!file.toFile().setExecutable(true)) {
            throw new IOException(file + " cannot be made executable");
        }
        return file;
    }
}
