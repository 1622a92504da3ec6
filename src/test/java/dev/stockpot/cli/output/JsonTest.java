package dev.stockpot.cli.output;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class JsonTest {
    private final StringWriter printed = new StringWriter();

    @Test
    void printsTheWholeDocumentAndALineEnd() throws IOException {
        Json.print(new PrintWriter(printed), json -> {
            json.writeStartArray();
            json.writeNumber(1);
            json.writeEndArray();
        });
        assertEquals("[ 1 ]" + System.lineSeparator(), printed.toString());
    }

    /** Half a document whose brackets are all closed would pass for a whole one. */
    @Test
    void printsNothingOfADocumentThatFails() {
        for (int tensors : new int[] {0, 1, 100_000}) {
            IllegalStateException e = assertThrows(
                    IllegalStateException.class,
                    () -> Json.print(new PrintWriter(printed, true), json -> {
                        json.writeStartObject();
                        json.writeArrayFieldStart("tensors");
                        for (int t = 0; t < tensors; t++) {
                            json.writeString("w" + t);
                        }
                        throw new IllegalStateException("no more");
                    }));
            assertEquals("no more", e.getMessage());
            assertEquals("", printed.toString());
        }
    }
}
