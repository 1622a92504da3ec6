package dev.stockpot.fuzz;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.file.CheckpointLayout;
import dev.stockpot.checkpoint.file.FileLayout;
import dev.stockpot.checkpoint.file.Template;
import dev.stockpot.checkpoint.file.TensorValues;
import dev.stockpot.checkpoint.safetensors.SafetensorsLayout;
import dev.stockpot.checkpoint.torch.TorchLayout;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
            if (specs.stream().noneMatch(spec -> spec.dtype() == DType.C128)) {
                check(read, again, SafetensorsLayout.file("again", specs, read.metadata()));
            }
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

    /** Writes a checkpoint like the file of {@code template}, and compares. */
    static void check(Template template, Checkpoint read, Path file, OpenOptions way) throws IOException {
        Map<String, TensorInfo> all = new HashMap<>(read.tensors());
        template.kept().forEach(tensor -> all.put(tensor.name(), tensor));
        if (all.values().stream().mapToLong(TensorInfo::bytes).sum() > LARGEST) {
            return;
        }
        List<TensorSpec> specs =
                read.tensors().values().stream().map(TensorInfo::spec).toList();
        template.check(specs);
        Path again = file.resolveSibling("again-" + file.getFileName());
        CheckpointLayout layout = template.layout(again, specs, Map.of(), Map.of("soup.recipe", "fuzz"));
        try {
            for (FileLayout part : layout.files()) {
                write(again.resolveSibling(part.name()), part, all);
            }
            try (Checkpoint written = Checkpoint.open(again, way)) {
                compare(read, written, layout.format());
            }
        } finally {
            for (FileLayout part : layout.files()) {
                Files.deleteIfExists(again.resolveSibling(part.name()));
            }
        }
    }

    private static void check(Checkpoint read, Path again, CheckpointLayout layout) throws IOException {
        write(again, layout.files().get(0), read.tensors());
        Checkpoint written = Checkpoint.open(again);
        if (!written.metadata().equals(read.metadata())) {
            throw new AssertionError("written again as " + layout.format() + ", it says " + written.metadata());
        }
        compare(read, written, layout.format());
    }

    private static void write(Path again, FileLayout file, Map<String, TensorInfo> tensors) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(file.bytes()));
        FileLayout.Sink sink = (at, part) -> {
            byte[] piece = new byte[part.remaining()];
            part.get(piece);
            bytes.put((int) at, piece);
        };
        sink.write(0, ByteBuffer.wrap(file.header()));
        for (FileLayout.Piece piece : file.pieces()) {
            piece.write(sink);
        }
        List<Integer> sums = new ArrayList<>();
        for (FileLayout.Placement tensor : file.tensors()) {
            byte[] values = values(tensors.get(tensor.name()));
            bytes.put((int) tensor.offset(), values);
            CRC32 sum = new CRC32();
            sum.update(values);
            sums.add((int) sum.getValue());
        }
        if (file.seal() != null) {
            file.seal().write(sums.stream().mapToInt(s -> s).toArray(), sink);
        }
        Files.write(again, bytes.array());
    }

    private static void compare(Checkpoint read, Checkpoint written, String format) {
        boolean same = written.tensors().keySet().equals(read.tensors().keySet());
        for (TensorInfo tensor : same ? read.tensors().values() : List.<TensorInfo>of()) {
            same &= written.tensor(tensor.name()).spec().equals(tensor.spec())
                    && Arrays.equals(values(tensor), values(written.tensor(tensor.name())));
        }
        if (!same) {
            throw new AssertionError("written again as " + format + ", it is " + written.tensors());
        }
    }

    private static byte[] values(TensorInfo tensor) {
        ByteBuffer values = ByteBuffer.allocate(Math.toIntExact(tensor.bytes()));
        try (TensorValues in = TensorValues.open(tensor)) {
            in.read(0, values);
        }
        return values.array();
    }
}
