package dev.stockpot.report.tensorboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads event files back record by record, by the format's specification. */
class EventFileTest {
    @TempDir
    Path folder;

    /** CRC-32C, one bit at a time (RFC 3720, appendix B.4), masked as TensorFlow masks it. */
    private static int masked(byte[] bytes) {
        int crc = -1;
        for (byte b : bytes) {
            crc ^= b & 0xFF;
            for (int k = 0; k < 8; k++) {
                crc = (crc >>> 1) ^ (0x82F63B78 & -(crc & 1));
            }
        }
        crc = ~crc;
        return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
    }

    private static List<EventProtocol.Event> read(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<EventProtocol.Event> events = new ArrayList<>();
        while (bytes.hasRemaining()) {
            byte[] length = new byte[8];
            bytes.get(length);
            assertEquals(masked(length), bytes.getInt(), "the length's checksum");
            byte[] body = new byte
                    [(int) ByteBuffer.wrap(length)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getLong()];
            bytes.get(body);
            assertEquals(masked(body), bytes.getInt(), "the event's checksum");
            events.add(EventProtocol.Event.parseFrom(body));
        }
        return events;
    }

    @Test
    void scalarsAreReadBackWithTheirChecksums() throws IOException {
        Clock clock = Clock.fixed(Instant.ofEpochMilli(1_700_000_000_500L), ZoneOffset.UTC);
        Path inner = folder.resolve("new/runs");
        try (EventFile file = EventFile.create(inner, clock)) {
            assertTrue(file.file().getFileName().toString().contains("tfevents"));
            file.scalar("greedy/soup", 1, 0.75);
            file.scalar("loss", 70_000_000_000L, Math.PI);
            // Events are readable while the file is still open.
            assertEquals(3, read(file.file()).size());
        }
        List<EventProtocol.Event> events = read(Files.list(inner).findFirst().orElseThrow());
        assertEquals("brain.Event:2", events.get(0).getFileVersion());
        assertEquals(1_700_000_000.5, events.get(1).getWallTime());
        assertEquals("greedy/soup", events.get(1).getSummary().getValue(0).getTag());
        assertEquals(0.75f, events.get(1).getSummary().getValue(0).getSimpleValue());
        assertEquals(70_000_000_000L, events.get(2).getStep());
        assertEquals((float) Math.PI, events.get(2).getSummary().getValue(0).getSimpleValue());
    }

    @Test
    void theChecksumIsTheStandards() {
        // The check value of CRC-32C for "123456789" is 0xE3069283.
        byte[] digits = "123456789".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        int crc = 0xE3069283;
        assertEquals(((crc >>> 15) | (crc << 17)) + 0xa282ead8, masked(digits));
    }
}
