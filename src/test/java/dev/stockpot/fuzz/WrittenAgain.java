package dev.stockpot.fuzz;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.file.CheckpointLayout;
import dev.stockpot.checkpoint.file.FileLayout;
import dev.stockpot.checkpoint.safetensors.SafetensorsLayout;
import dev.stockpot.checkpoint.torch.TorchLayout;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;

/** Whatever was read can be written, in both formats, and is the same when it is read again. */
public final class WrittenAgain {
    /** Larger checkpoints, made of views that repeat a few values, are left out: they would only cost time. */
    private static final long LARGEST = 1 << 18;

    private WrittenAgain() {}

    /** Writes a checkpoint to a file beside {@code file}, and compares. */
    public static void check(Checkpoint read, Path file) throws IOException {
        if (read.tensors().values().stream().mapToLong(TensorInfo::bytes).sum() > LARGEST) {
            return;
        }
        List<TensorSpec> specs =
                read.tensors().values().stream().map(TensorInfo::spec).toList();
        Path again = file.resolveSibling("again");
        try {
            check(read, again, SafetensorsLayout.file("again", specs, read.metadata()));
            if (specs.stream().allMatch(spec -> isTorchs(spec, read))) {
                check(read, again, TorchLayout.file(again, specs, read.metadata()));
            }
        } finally {
            Files.deleteIfExists(again);
        }
    }

    /** Whether PyTorch's format can hold what the other one holds: at most 64 dimensions, and no mapping without a name. */
    private static boolean isTorchs(TensorSpec spec, Checkpoint read) {
        return !read.tensors().isEmpty() && spec.shape().size() <= 64;
    }

    private static void check(Checkpoint read, Path again, CheckpointLayout layout) throws IOException {
        FileLayout file = layout.files().get(0);
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(file.bytes()));
        bytes.put(0, file.header());
        List<Integer> sums = new ArrayList<>();
        for (FileLayout.Placement tensor : file.tensors()) {
            byte[] values = values(read, tensor.name());
            bytes.put((int) tensor.offset(), values);
            CRC32 sum = new CRC32();
            sum.update(values);
            sums.add((int) sum.getValue());
        }
        if (file.seal() != null) {
            file.seal().write(sums.stream().mapToInt(s -> s).toArray(), (at, part) -> {
                byte[] piece = new byte[part.remaining()];
                part.get(piece);
                bytes.put((int) at, piece);
            });
        }
        Files.write(again, bytes.array());
        Checkpoint written = Checkpoint.open(again);
        boolean same = written.metadata().equals(read.metadata())
                && written.tensors().keySet().equals(read.tensors().keySet());
        for (TensorInfo tensor : same ? read.tensors().values() : List.<TensorInfo>of()) {
            same &= written.tensor(tensor.name()).spec().equals(tensor.spec())
                    && Arrays.equals(values(read, tensor.name()), values(written, tensor.name()));
        }
        if (!same) {
            throw new AssertionError("written again as " + layout.format() + ", it is " + written.tensors());
        }
    }

    private static byte[] values(Checkpoint checkpoint, String tensor) {
        byte[] values = new byte[Math.toIntExact(checkpoint.tensor(tensor).bytes())];
        checkpoint.read(tensor, ByteBuffer.wrap(values));
        return values;
    }
}
