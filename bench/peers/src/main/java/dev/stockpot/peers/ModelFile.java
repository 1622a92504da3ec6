package dev.stockpot.peers;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A safetensors file, assumed to be valid, with tensors of up to 2 GiB. */
final class ModelFile implements AutoCloseable {
    /** A tensor; {@code begin} is its first byte in the file. */
    record Entry(String name, String dtype, long[] shape, long begin, long bytes) {}

    private final FileChannel channel;
    private final ByteBuffer head;
    private final Map<String, Entry> tensors = new LinkedHashMap<>();

    ModelFile(Path path) throws IOException {
        channel = FileChannel.open(path, StandardOpenOption.READ);
        ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        channel.read(length, 0);
        head = ByteBuffer.allocate(Math.toIntExact(8 + length.getLong(0))).order(ByteOrder.LITTLE_ENDIAN);
        while (head.hasRemaining()) {
            if (channel.read(head, head.position()) < 0) {
                throw new IOException(path + ": ends within its header");
            }
        }
        List<Entry> entries = new ArrayList<>();
        try (JsonParser json = new JsonFactory().createParser(head.array(), 8, head.capacity() - 8)) {
            json.nextToken();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                json.nextToken();
                if (name.equals("__metadata__")) {
                    json.skipChildren();
                } else {
                    entries.add(entry(json, name));
                }
            }
        }
        entries.sort(Comparator.comparingLong(Entry::begin));
        entries.forEach(e -> tensors.put(e.name(), e));
    }

    private Entry entry(JsonParser json, String name) throws IOException {
        String dtype = null;
        long[] shape = {};
        long[] span = {};
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            json.nextToken();
            switch (field) {
                case "dtype" -> dtype = json.getText();
                case "shape" -> shape = numbers(json);
                default -> span = numbers(json);
            }
        }
        return new Entry(name, dtype, shape, head.capacity() + span[0], span[1] - span[0]);
    }

    private static long[] numbers(JsonParser json) throws IOException {
        List<Long> numbers = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            numbers.add(json.getLongValue());
        }
        return numbers.stream().mapToLong(Long::longValue).toArray();
    }

    /** By name, in file order. */
    Map<String, Entry> tensors() {
        return tensors;
    }

    /** The length word and the header. */
    ByteBuffer head() {
        return head.duplicate().rewind();
    }

    /** A tensor's values, mapped. */
    ByteBuffer map(Entry entry) throws IOException {
        return channel.map(FileChannel.MapMode.READ_ONLY, entry.begin(), entry.bytes())
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Reads a tensor's values into {@code into}. */
    void read(Entry entry, ByteBuffer into) throws IOException {
        while (into.hasRemaining()) {
            if (channel.read(into, entry.begin() + into.position()) < 0) {
                throw new IOException("a file ends within the tensor " + entry.name());
            }
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
