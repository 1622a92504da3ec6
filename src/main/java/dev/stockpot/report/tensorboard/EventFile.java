package dev.stockpot.report.tensorboard;

import dev.stockpot.error.CheckpointException;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * An event file of TensorBoard: records of a length, a checksum, an event and its checksum (TensorFlow's TFRecord format).
 * Each scalar is in the file when its call returns, so that TensorBoard shows a run under way.
 */
final class EventFile implements Closeable {
    /** What TensorBoard looks for in a file's name. */
    private static final String NAME = "events.out.tfevents.%010d.%09d.stockpot";

    private static final String VERSION = "brain.Event:2";

    /** Added to a rotated checksum, so that the checksum of data that contains checksums is not weak. */
    private static final int MASK = 0xa282ead8;

    private final Path file;
    private final Clock clock;
    private final OutputStream out;

    private EventFile(Path file, Clock clock, OutputStream out) {
        this.file = file;
        this.clock = clock;
        this.out = out;
    }

    /**
     * Creates a file in {@code folder}, and the folder too if it is missing.
     *
     * @throws CheckpointException if that fails
     */
    public static EventFile create(Path folder, Clock clock) {
        Instant now = clock.instant();
        Path file = folder.resolve(String.format(Locale.ROOT, NAME, now.getEpochSecond(), now.getNano()));
        try {
            Files.createDirectories(folder);
            OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            EventFile events = new EventFile(file, clock, out);
            events.write(events.event(0).setFileVersion(VERSION).build());
            return events;
        } catch (IOException e) {
            throw CheckpointException.unwritable(file, e);
        }
    }

    /** Where it is. */
    public Path file() {
        return file;
    }

    /**
     * Adds a number.
     *
     * @param tag the curve that it belongs to; slashes group curves
     * @param step its position on the curve
     * @param value stored as a float
     * @throws CheckpointException if the file cannot be written
     */
    public synchronized void scalar(String tag, long step, double value) {
        EventProtocol.Summary.Value number = EventProtocol.Summary.Value.newBuilder()
                .setTag(tag)
                .setSimpleValue((float) value)
                .build();
        try {
            write(event(step)
                    .setSummary(EventProtocol.Summary.newBuilder().addValue(number))
                    .build());
        } catch (IOException e) {
            throw CheckpointException.unwritable(file, e);
        }
    }

    private EventProtocol.Event.Builder event(long step) {
        return EventProtocol.Event.newBuilder()
                .setWallTime(clock.millis() / 1000.0)
                .setStep(step);
    }

    private void write(EventProtocol.Event event) throws IOException {
        byte[] body = event.toByteArray();
        ByteBuffer record = ByteBuffer.allocate(16 + body.length).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(body.length);
        record.putInt(masked(record.array(), 0, 8));
        record.put(body);
        record.putInt(masked(body, 0, body.length));
        out.write(record.array());
    }

    private static int masked(byte[] bytes, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, offset, length);
        return Integer.rotateRight((int) crc.getValue(), 15) + MASK;
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw CheckpointException.unwritable(file, e);
        }
    }
}
