package dev.stockpot.soup.search;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * A line of a journal: a JSON object whose last field, {@code crc32c}, is the checksum of the line's bytes before the field's
 * comma, in eight hexadecimal digits. A digit that has changed on the disk is then no other score.
 */
final class JournalLine {
    static final JsonFactory JSON = new JsonFactory();
    private static final String FIELD = ",\"crc32c\":\"";
    private static final String END = "\"}";
    private static final int DIGITS = 8;
    private static final int LENGTH = FIELD.length() + DIGITS + END.length();

    private JournalLine() {}

    /** The line, with its end, of an object with at least one field. */
    static byte[] of(Journal.Fields fields) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            fields.write(json);
            json.writeEndObject();
        }
        String object = text.getBuffer().substring(0, text.getBuffer().length() - 1);
        String checksum = checksum(ByteBuffer.wrap(object.getBytes(StandardCharsets.UTF_8)));
        return (object + checksum + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /**
     * The object in a line, without its checksum.
     *
     * @param line its bytes, without the end of the line
     * @throws IOException if these are not the bytes that were written; its message says why
     */
    static String read(ByteBuffer line) throws IOException {
        int end = line.limit() - LENGTH;
        if (end < line.position()) {
            throw new IOException("is too short");
        }
        ByteBuffer object = line.duplicate().limit(end);
        ByteBuffer checksum = line.duplicate().position(end);
        if (!StandardCharsets.ISO_8859_1.decode(checksum).toString().equals(checksum(object.duplicate()))) {
            throw new IOException("does not match its checksum");
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(object) + "}";
        } catch (CharacterCodingException e) {
            throw new IOException("is not UTF-8", e);
        }
    }

    /** The last field of a line that begins with these bytes. */
    private static String checksum(ByteBuffer object) {
        CRC32C checksum = new CRC32C();
        checksum.update(object);
        return FIELD + String.format(Locale.ROOT, "%08x", checksum.getValue()) + END;
    }
}
