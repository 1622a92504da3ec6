package dev.stockpot.cli.output;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.stockpot.soup.OutputDifference;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** What came of comparing an output with its recipe. */
public final class CheckText {
    private CheckText() {}

    /** In a line. */
    public static String of(Path output, int tensors, Optional<OutputDifference> difference) {
        if (difference.isEmpty()) {
            return Printable.of(output + ": all " + tensors + " tensors are what the recipe makes");
        }
        OutputDifference first = difference.get();
        String where =
                first.element().isEmpty() ? "" : ", element " + first.element().getAsLong();
        return Printable.of(output + ": differs from what the recipe makes, first in tensor " + first.tensor() + where
                + ": the recipe makes " + first.made() + ", the file has " + first.found());
    }

    /** As a JSON document. */
    public static void write(JsonGenerator json, Path output, int tensors, Optional<OutputDifference> difference)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("checked", output.toString());
        json.writeNumberField("tensors", tensors);
        json.writeBooleanField("equal", difference.isEmpty());
        if (difference.isPresent()) {
            json.writeObjectFieldStart("first_difference");
            json.writeStringField("tensor", difference.get().tensor());
            if (difference.get().element().isPresent()) {
                json.writeNumberField("element", difference.get().element().getAsLong());
            }
            json.writeStringField("made", difference.get().made());
            json.writeStringField("found", difference.get().found());
            json.writeEndObject();
        }
        json.writeEndObject();
    }
}
