package dev.stockpot.checkpoint.gguf;

import dev.stockpot.checkpoint.file.CheckpointLayout;
import dev.stockpot.checkpoint.file.Contents;
import dev.stockpot.checkpoint.file.FileLayout;
import dev.stockpot.checkpoint.file.FileLayout.Copied;
import dev.stockpot.checkpoint.file.FileLayout.Given;
import dev.stockpot.checkpoint.file.FileLayout.Piece;
import dev.stockpot.checkpoint.file.FileLayout.Placement;
import dev.stockpot.checkpoint.file.FlatTemplate;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorSpec;
import dev.stockpot.text.Printable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A GGUF file that outputs are written like: its metadata byte for byte, its tensors in its order. Types are the output's,
 * never quantised; a model in shards becomes one file, and says so.
 */
public final class GgufTemplate extends FlatTemplate {
    private static final String FILE_TYPE = "general.file_type";

    private final List<GgufFile> shards;
    private final Map<String, GgufType> types = new HashMap<>();

    private GgufTemplate(Path file, List<GgufFile> shards, Naming naming) {
        super(file, GgufReader.contents(file, shards), naming);
        this.shards = shards;
        shards.forEach(shard -> shard.header().tensors().forEach(info -> types.put(info.name(), info.type())));
    }

    /**
     * Reads the header of {@code file}.
     *
     * @throws CheckpointException if it is damaged or big-endian, or the naming has keys
     */
    public static GgufTemplate open(Path file, Naming naming) {
        if (!naming.keys().isEmpty()) {
            throw new CheckpointException(Reason.NO_KEYS, file, "is a GGUF file, which has no keys to choose by");
        }
        List<GgufFile> shards = GgufReader.shards(file);
        if (shards.get(0).header().bigEndian()) {
            CheckpointException other = new CheckpointException(
                    Reason.UNSUPPORTED,
                    file,
                    "is big-endian: outputs are written like little-endian files only",
                    Details.of().hint("gguf-py's gguf_convert_endian.py makes it one"));
            Contents.discard(GgufShards.copied(shards), other);
            throw other;
        }
        return new GgufTemplate(file, shards, naming);
    }

    private GgufHeader first() {
        return shards.get(0).header();
    }

    @Override
    public List<String> notes() {
        long quantised = types.values().stream().filter(GgufType::isQuantised).count();
        return quantised == 0
                ? List.of()
                : List.of("the output is not quantised again: llama.cpp's llama-quantize does that");
    }

    /** The type that a tensor gets: vectors that are F32 in the file stay so, as llama.cpp computes with no others. */
    @Override
    public DType type(TensorSpec tensor) {
        boolean vector = tensor.shape().size() <= 1 && tensor.dtype().isFloat();
        return vector && types.get(own(tensor.name())) == GgufType.F32 ? DType.F32 : tensor.dtype();
    }

    @Override
    public CheckpointLayout layout(
            Path out, List<TensorSpec> tensors, Map<String, String> tied, Map<String, String> metadata) {
        Map<String, TensorSpec> placed = placed(tensors);
        List<Piece> pieces = new ArrayList<>();
        List<Given> mended = new ArrayList<>();
        long end = GgufHeader.FIXED_BYTES;
        long entries = 0;
        for (GgufEntry entry : first().entries().values()) {
            if (!entry.key().startsWith(OF_OUTPUTS)) {
                long bytes = entry.end() - entry.at();
                pieces.add(new Copied(end, shards.get(0).source(), entry.at(), bytes));
                mend(entry, end + entry.value() - entry.at(), placed, mended);
                end += bytes;
                entries++;
            }
        }
        List<Piece> all = joined(pieces);
        all.addAll(mended);
        for (Map.Entry<String, String> text : ofOutput(metadata).entrySet()) {
            byte[] entry = entry(text.getKey(), text.getValue());
            all.add(new Given(end, entry));
            end += entry.length;
            entries++;
        }
        List<Placement> placements = new ArrayList<>();
        byte[] infos = infos(out, placed, end, placements);
        all.add(new Given(end, infos));
        long values = placements.isEmpty()
                ? end + infos.length
                : placements.get(placements.size() - 1).end();
        long bytes = GgufHeader.aligned(values, first().alignment());
        if (bytes > values) {
            all.add(new Given(values, new byte[(int) (bytes - values)]));
        }
        FileLayout layout = new FileLayout(
                out.getFileName().toString(), header(placed.size(), entries), placements, bytes, all, null);
        return new CheckpointLayout(GgufReader.FORMAT, List.of(layout), Map.of());
    }

    /** Ranges that follow one another become one. */
    private static List<Piece> joined(List<Piece> pieces) {
        List<Piece> joined = new ArrayList<>();
        Copied last = null;
        for (Piece piece : pieces) {
            Copied next = (Copied) piece;
            if (last != null && last.from() + last.bytes() == next.from()) {
                last = new Copied(last.at(), last.source(), last.from(), last.bytes() + next.bytes());
                joined.set(joined.size() - 1, last);
            } else {
                last = next;
                joined.add(next);
            }
        }
        return joined;
    }

    /** Corrects what an entry says of the file as a whole; {@code at} is where its value goes. */
    private void mend(GgufEntry entry, long at, Map<String, TensorSpec> placed, List<Given> mended) {
        boolean shard = shards.size() > 1
                && (entry.key().equals(GgufShards.COUNT) || entry.key().equals(GgufShards.NUMBER));
        boolean retyped = entry.key().equals(FILE_TYPE)
                && placed.entrySet().stream()
                        .anyMatch(tensor -> types.get(tensor.getKey())
                                != GgufType.of(tensor.getValue().dtype()));
        int width = (int) (entry.end() - entry.value());
        if (entry.number().isPresent() && (shard || retyped)) {
            byte[] number = new byte[width];
            number[0] = (byte) (retyped ? fileType(placed) : 0);
            mended.add(new Given(at, number));
        }
    }

    /** What llama.cpp calls files most of whose matrices are of a type ({@code enum llama_ftype}). */
    private static int fileType(Map<String, TensorSpec> placed) {
        Map<DType, Long> bytes = new HashMap<>();
        placed.values().stream()
                .filter(tensor -> tensor.dtype().isFloat() && tensor.shape().size() > 1)
                .forEach(tensor -> bytes.merge(tensor.dtype(), tensor.elements(), Long::sum));
        DType most = bytes.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElse(DType.F32);
        return most == DType.F16 ? 1 : most == DType.BF16 ? 32 : 0;
    }

    private byte[] header(long tensors, long entries) {
        return allocate(GgufHeader.FIXED_BYTES)
                .put(GgufHeader.MAGIC.getBytes(StandardCharsets.US_ASCII))
                .putInt(first().version())
                .putLong(tensors)
                .putLong(entries)
                .array();
    }

    private static byte[] entry(String key, String text) {
        byte[] name = key.getBytes(StandardCharsets.UTF_8);
        byte[] value = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer entry = allocate(2 * Long.BYTES + name.length + Integer.BYTES + value.length);
        entry.putLong(name.length).put(name).putInt(GgufEntry.STRING);
        return entry.putLong(value.length).put(value).array();
    }

    /** What is said of every tensor, and where its values go: after all of that, which is at {@code start}. */
    private byte[] infos(Path out, Map<String, TensorSpec> placed, long start, List<Placement> placements) {
        int length = 0;
        for (Map.Entry<String, TensorSpec> tensor : placed.entrySet()) {
            int sizes = tensor.getValue().shape().size();
            length += tensor.getKey().getBytes(StandardCharsets.UTF_8).length + (sizes + 2) * Long.BYTES + 8;
        }
        ByteBuffer infos = allocate(length);
        long values = GgufHeader.aligned(start + length, first().alignment());
        long next = values;
        for (Map.Entry<String, TensorSpec> entry : placed.entrySet()) {
            TensorSpec tensor = entry.getValue();
            GgufType type = GgufType.of(tensor.dtype());
            if (type == null) {
                throw new CheckpointException(
                        Reason.UNSUPPORTED,
                        out,
                        "cannot hold " + Printable.name(tensor.name()) + ": GGUF has no type for " + tensor.dtype(),
                        Details.of().tensor(tensor.name()));
            }
            byte[] name = entry.getKey().getBytes(StandardCharsets.UTF_8);
            infos.putLong(name.length).put(name).putInt(tensor.shape().size());
            for (int d = tensor.shape().size() - 1; d >= 0; d--) {
                infos.putLong(tensor.shape().get(d));
            }
            infos.putInt(type.code()).putLong(next - values);
            placements.add(new Placement(tensor.name(), tensor.dtype(), tensor.shape(), next, tensor.bytes()));
            next = GgufHeader.aligned(next + tensor.bytes(), first().alignment());
        }
        return infos.array();
    }

    private static ByteBuffer allocate(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
