package dev.stockpot.checkpoint.safetensors;

import dev.stockpot.checkpoint.file.TensorMap;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.Source;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.text.Printable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Collects the tensors that a header lists, and checks all that {@link SafetensorsHeader} promises about them. */
final class HeaderTensors implements PlainHeader.Entries {
    private static final Map<String, DType> DTYPES = Arrays.stream(DType.values())
            .filter(dtype -> dtype != DType.C128)
            .collect(Collectors.toMap(DType::name, dtype -> dtype));

    private final Path file;
    private final Source source;
    private final long dataStart;
    private final long dataBytes;
    private Map<String, String> metadata;
    private final LinkedHashMap<String, TensorInfo> tensors = new LinkedHashMap<>();
    private long[] lastSizes;
    private List<Long> lastShape;
    private long covered;
    private TensorInfo misplaced;

    /**
     * @param dataStart where the values begin, in bytes
     * @param fileBytes length of the whole file
     */
    HeaderTensors(FileSource source, long dataStart, long fileBytes) {
        this.file = source.path();
        this.source = source;
        this.dataStart = dataStart;
        this.dataBytes = fileBytes - dataStart;
    }

    /** The header, once all entries are in: its tensors must cover the values exactly. */
    SafetensorsHeader header() {
        return new SafetensorsHeader(
                metadata == null ? Map.of() : metadata, TensorMap.of(inOrder()), dataStart + dataBytes);
    }

    @Override
    public void metadata(Map<String, String> entries) {
        if (metadata != null) {
            throw wrong("has __metadata__ twice");
        }
        metadata = entries;
    }

    @Override
    public void tensor(String name, String dtype, long[] shape, long[] offsets) {
        if (tensors.put(name, checked(name, dtype(name, dtype), shape(shape), offsets)) != null) {
            throw wrong("has the tensor " + Printable.name(name) + " twice");
        }
    }

    CheckpointException wrong(String what) {
        return new CheckpointException(Reason.DAMAGED, file, "its header " + what);
    }

    CheckpointException wrong(String tensor, String what) {
        return new CheckpointException(
                Reason.DAMAGED,
                file,
                "tensor " + Printable.name(tensor) + " " + what,
                Details.of().tensor(tensor));
    }

    private DType dtype(String name, String text) {
        DType dtype = DTYPES.get(text);
        if (dtype == null) {
            throw wrong(name, "has the unknown dtype " + Printable.name(text));
        }
        return dtype;
    }

    /** The last tensor's shape if it is the same, as it often is among many tensors. */
    private List<Long> shape(long[] sizes) {
        if (!Arrays.equals(sizes, lastSizes)) {
            lastSizes = sizes;
            lastShape = Arrays.stream(sizes).boxed().toList();
        }
        return lastShape;
    }

    private TensorInfo checked(String name, DType dtype, List<Long> shape, long[] offsets) {
        if (offsets.length != 2 || offsets[1] < offsets[0]) {
            throw wrong(name, "has data_offsets " + Arrays.toString(offsets) + ", which are not a start and an end");
        }
        long bytes = offsets[1] - offsets[0];
        if (offsets[1] > dataBytes) {
            throw wrong(
                    name,
                    "ends at byte " + offsets[1] + " of the values but only " + dataBytes
                            + " are there: the file is truncated");
        }
        long needed;
        try {
            long elements = 1;
            for (long size : shape) {
                elements = Math.multiplyExact(elements, size);
            }
            needed = dtype.bytes(elements);
        } catch (ArithmeticException e) {
            throw wrong(name, "has the shape " + shape + " of " + dtype + ", which no file can hold");
        }
        if (needed != bytes) {
            throw wrong(
                    name, "takes " + needed + " bytes as " + dtype + " " + shape + " but its offsets span " + bytes);
        }
        return new TensorInfo(name, dtype, shape, source, dataStart + offsets[0], bytes);
    }

    /** Tensors in offset order, which must cover the values exactly. */
    private LinkedHashMap<String, TensorInfo> inOrder() {
        cover();
        if (misplaced != null) {
            // Rare: most writers list them in order.
            List<TensorInfo> ordered = new ArrayList<>(tensors.values());
            ordered.sort(Comparator.comparingLong(TensorInfo::offset).thenComparingLong(TensorInfo::bytes));
            tensors.clear();
            ordered.forEach(tensor -> tensors.put(tensor.name(), tensor));
            cover();
        }
        if (misplaced != null) {
            String how = misplaced.offset() < covered ? "overlaps the tensor before it" : "leaves a hole before it";
            throw wrong(misplaced.name(), how + ": it starts at " + misplaced.offset() + ", not at " + covered);
        }
        long end = dataStart + dataBytes;
        if (covered != end) {
            throw new CheckpointException(
                    Reason.DAMAGED,
                    file,
                    "has " + (end - covered) + " bytes after its last tensor that belong to none");
        }
        return tensors;
    }

    /** Finds the first tensor that does not begin where the previous one ends. */
    private void cover() {
        misplaced = null;
        covered = dataStart;
        for (TensorInfo tensor : tensors.values()) {
            if (tensor.offset() != covered) {
                misplaced = tensor;
                return;
            }
            covered += tensor.bytes();
        }
    }
}
