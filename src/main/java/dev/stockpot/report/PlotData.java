package dev.stockpot.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;

/** Plots as JSON, for the page's script. */
final class PlotData {
    private PlotData() {}

    /** One array; nothing in it ends a script element, whatever the names contain. */
    static String json(List<Part.Plot> plots) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.writeStartArray();
            for (Part.Plot plot : plots) {
                write(json, plot);
            }
            json.writeEndArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // Outside strings JSON has none of these characters; inside, the escape means the same character.
        return text.toString().replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026");
    }

    private static void write(JsonGenerator json, Part.Plot plot) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", plot.id());
        json.writeStringField("x", Printable.of(plot.x()));
        json.writeStringField("y", Printable.of(plot.y()));
        json.writeArrayFieldStart("series");
        for (Part.Series series : plot.series()) {
            json.writeStartObject();
            json.writeStringField("label", Printable.of(series.label()));
            json.writeStringField("mark", series.mark().toString().toLowerCase(Locale.ROOT));
            json.writeArrayFieldStart("points");
            for (Part.Point point : series.points()) {
                json.writeStartObject();
                json.writeNumberField("x", point.x());
                json.writeNumberField("y", point.y());
                json.writeStringField("name", Printable.of(point.name()));
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }
}
