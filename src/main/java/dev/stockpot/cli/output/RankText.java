package dev.stockpot.cli.output;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.stockpot.soup.options.RankReport;
import dev.stockpot.text.Figures;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.util.Collections;
import java.util.Comparator;
import java.util.Locale;

/** What is left of adapters whose rank was reduced. */
public final class RankText {
    private RankText() {}

    /** One line. */
    public static String of(RankReport ranks) {
        if (ranks.modules().isEmpty()) {
            return "no rank was reduced: none was higher";
        }
        RankReport.Module least = Collections.min(ranks.modules(), Comparator.comparingDouble(RankReport.Module::kept));
        return String.format(
                Locale.ROOT,
                "%.4g %% of the energy kept in %s; least in %s, rank %d of %d: %.4g %%",
                100 * ranks.kept(),
                Figures.count(ranks.modules().size(), "module"),
                Printable.of(least.name()),
                least.rank(),
                least.ranks(),
                100 * least.kept());
    }

    /** The field {@code ranks}. */
    public static void write(JsonGenerator json, RankReport ranks) throws IOException {
        json.writeObjectFieldStart("ranks");
        json.writeNumberField("kept", ranks.kept());
        json.writeArrayFieldStart("modules");
        for (RankReport.Module module : ranks.modules()) {
            json.writeStartObject();
            json.writeStringField("name", module.name());
            json.writeNumberField("ranks", module.ranks());
            json.writeNumberField("rank", module.rank());
            json.writeNumberField("kept", module.kept());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }
}
