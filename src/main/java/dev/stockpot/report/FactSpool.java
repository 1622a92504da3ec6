package dev.stockpot.report;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.merge.Fact;
import dev.stockpot.merge.FactListener;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a merge found out about each tensor. A model may have very many, so only their places stay on the heap: beyond a
 * megabyte the facts are in a temporary file, which has no name any more and so cannot be left behind.
 */
public final class FactSpool implements FactListener, AutoCloseable {
    private static final int MOST_ON_HEAP = 1 << 20;

    /** Bytes that can be read where they are. */
    private static final class Bytes extends ByteArrayOutputStream {
        DataInputStream from(long place) {
            return new DataInputStream(new ByteArrayInputStream(buf, (int) place, count - (int) place));
        }
    }

    private final Map<String, Long> places = new HashMap<>();
    private final Bytes heap = new Bytes();
    private FileChannel file;
    private long spilled;

    @Override
    public synchronized void found(String tensor, List<Fact> facts) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            out.writeInt(facts.size());
            for (Fact fact : facts) {
                write(fact, out);
            }
            places.put(tensor, spilled + heap.size());
            new DataOutputStream(heap).writeInt(bytes.size());
            bytes.writeTo(heap);
            if (heap.size() > MOST_ON_HEAP) {
                spill();
            }
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private void spill() throws IOException {
        if (file == null) {
            Path path = Files.createTempFile("stockpot-facts", ".tmp");
            file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
            Files.delete(path);
        }
        ByteBuffer rest = ByteBuffer.wrap(heap.toByteArray());
        while (rest.hasRemaining()) {
            spilled += file.write(rest, spilled);
        }
        heap.reset();
    }

    private static CheckpointException failed(IOException e) {
        return new CheckpointException(
                Reason.UNWRITABLE,
                Path.of(System.getProperty("java.io.tmpdir")),
                "what the merge found out cannot be kept there: " + e,
                Details.of().cause(e));
    }

    private static void write(Fact fact, DataOutputStream out) throws IOException {
        out.writeUTF(fact.name());
        if (fact instanceof Fact.Word word) {
            out.writeByte('w');
            out.writeUTF(word.word());
        } else if (fact instanceof Fact.Number number) {
            out.writeByte('n');
            out.writeDouble(number.value());
        } else if (fact instanceof Fact.ByModel byModel) {
            out.writeByte('m');
            out.writeInt(byModel.values().size());
            for (double value : byModel.values()) {
                out.writeDouble(value);
            }
        }
    }

    private static Fact read(DataInputStream in) throws IOException {
        String name = in.readUTF();
        switch (in.readByte()) {
            case 'w':
                return new Fact.Word(name, in.readUTF());
            case 'n':
                return new Fact.Number(name, in.readDouble());
            default:
                List<Double> values = new ArrayList<>();
                for (int left = in.readInt(); left > 0; left--) {
                    values.add(in.readDouble());
                }
                return new Fact.ByModel(name, values);
        }
    }

    /** A tensor's facts; none if nothing was found out about it. */
    public synchronized List<Fact> of(String tensor) {
        Long place = places.get(tensor);
        if (place == null) {
            return List.of();
        }
        try {
            DataInputStream in = place >= spilled ? heap.from(place - spilled + Integer.BYTES) : fromFile(place);
            List<Fact> facts = new ArrayList<>();
            for (int left = in.readInt(); left > 0; left--) {
                facts.add(read(in));
            }
            return facts;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private DataInputStream fromFile(long place) throws IOException {
        int length = bytes(place, Integer.BYTES).getInt();
        return new DataInputStream(
                new ByteArrayInputStream(bytes(place + Integer.BYTES, length).array()));
    }

    private ByteBuffer bytes(long place, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (file.read(bytes, place + bytes.position()) < 0) {
                throw new IOException("the file is too short");
            }
        }
        return bytes.flip();
    }

    @Override
    public void close() {
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            throw failed(e);
        }
    }
}
