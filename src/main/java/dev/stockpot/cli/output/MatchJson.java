package dev.stockpot.cli.output;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.stockpot.soup.options.MatchReport;
import java.io.IOException;
import java.util.List;

/** What was done with tensors that not all ingredients have alike, as the field {@code matching} of a JSON document. */
public final class MatchJson {
    private MatchJson() {}

    public static void write(JsonGenerator json, MatchReport report) throws IOException {
        json.writeObjectFieldStart("matching");
        names(json, "left_out", report.leftOut());
        names(json, "kept", report.kept());
        names(json, "excluded", report.excluded());
        names(json, "taken_from_first", report.takenFromFirst());
        names(json, "common_rows", report.commonRows());
        json.writeEndObject();
    }

    private static void names(JsonGenerator json, String field, List<String> names) throws IOException {
        json.writeArrayFieldStart(field);
        for (String name : names) {
            json.writeString(name);
        }
        json.writeEndArray();
    }
}
