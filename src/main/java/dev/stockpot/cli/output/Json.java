package dev.stockpot.cli.output;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.text.JsonValues;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.util.List;
import java.util.Locale;

/** Prints a command's result as one JSON document. */
public final class Json {
    private Json() {}

    /** Escapes in names what would steer the terminal that a document is printed on; whoever parses it gets the names. */
    private static final class Shown extends CharacterEscapes {
        private static final long serialVersionUID = 1L;

        @Override
        public int[] getEscapeCodesForAscii() {
            int[] codes = standardAsciiEscapesForJSON();
            codes[0x7F] = ESCAPE_STANDARD;
            return codes;
        }

        @Override
        public SerializableString getEscapeSequence(int c) {
            // A half of a surrogate pair is part of a character beyond 16 bits.
            return Printable.isShown(c) || Character.isSurrogate((char) c)
                    ? null
                    : new SerializedString(String.format(Locale.ROOT, "\\u%04X", c));
        }
    }

    /** Writes the document's one value. */
    public interface Body {
        void write(JsonGenerator json) throws IOException;
    }

    /** Prints {@code body}: the whole document, or nothing if it fails. */
    public static void print(PrintWriter out, Body body) throws IOException {
        // The generator writes what it has and completes the brackets when it is closed, also after a failure.
        StringWriter document = new StringWriter();
        write(document, body);
        out.println(document);
        out.flush();
    }

    /** Prints {@code body} as it is written: for documents as long as a model has tensors, whose parts are all known. */
    public static void stream(PrintWriter out, Body body) throws IOException {
        write(out, body);
        out.println();
        out.flush();
    }

    private static void write(Writer to, Body body) throws IOException {
        try (JsonGenerator json = new JsonFactory()
                .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
                .createGenerator(to)
                .setCharacterEscapes(new Shown())
                .useDefaultPrettyPrinter()) {
            body.write(json);
        }
    }

    /** A number, or null if JSON cannot represent it. */
    public static void number(JsonGenerator json, String field, double value) throws IOException {
        json.writeFieldName(field);
        if (Double.isFinite(value)) {
            json.writeNumber(value);
        } else {
            json.writeNull();
        }
    }

    /** Scores, as an object of numbers by metric. */
    public static void metrics(JsonGenerator json, Scores scores) throws IOException {
        JsonValues.write(json, scores.metrics());
    }

    /** Numbers, as an array; null for those that JSON cannot represent. */
    public static void numbers(JsonGenerator json, List<Double> numbers) throws IOException {
        json.writeStartArray();
        for (double number : numbers) {
            if (Double.isFinite(number)) {
                json.writeNumber(number);
            } else {
                json.writeNull();
            }
        }
        json.writeEndArray();
    }

    /** A tensor's shape, as an array of sizes under {@code shape}. */
    public static void shape(JsonGenerator json, TensorInfo tensor) throws IOException {
        json.writeArrayFieldStart("shape");
        for (long size : tensor.shape()) {
            json.writeNumber(size);
        }
        json.writeEndArray();
    }
}
