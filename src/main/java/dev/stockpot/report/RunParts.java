package dev.stockpot.report;

import dev.stockpot.text.Figures;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a report says about the run: the request, the versions, how long it took and how fast it was. */
public final class RunParts {
    private RunParts() {}

    /** The recipe, as the output's metadata records it. */
    public static Part recipe(Map<String, String> metadata) {
        List<List<String>> rows = new ArrayList<>();
        new TreeMap<>(metadata).forEach((key, value) -> {
            // The recipe in YAML says the same in a form for programs.
            if (key.startsWith("soup.") && !key.equals("soup.yaml")) {
                rows.add(List.of(key.substring("soup.".length()), Figures.shortened(value, 400)));
            }
        });
        return new Part.Numbers("Recipe", List.of("what", "value"), rows);
    }

    /**
     * The run.
     *
     * @param command as it was typed
     * @param version of Stockpot
     */
    public static Part run(String command, String version, RunRecord run) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("command", command));
        rows.add(List.of("Stockpot", version));
        rows.add(List.of(
                "Java",
                System.getProperty("java.vm.name") + " " + Runtime.version() + ", " + System.getProperty("os.arch")));
        rows.add(List.of("kernels", run.kernels()));
        rows.add(List.of("threads", Integer.toString(run.threads())));
        rows.add(List.of("started", run.began().truncatedTo(ChronoUnit.SECONDS).toString()));
        rows.add(List.of("took", Figures.seconds(run.seconds())));
        if (run.evaluations() + run.kept() > 0) {
            rows.add(List.of("models scored", Integer.toString(run.evaluations())));
            rows.add(List.of("scores from the journal", Integer.toString(run.kept())));
        }
        rows.add(
                List.of("weights read", Figures.bytes(run.streamed()) + " in " + Figures.seconds(run.streamSeconds())));
        if (run.streamSeconds() > 0) {
            rows.add(List.of("speed", Figures.bytes(run.streamed() / run.streamSeconds()) + "/s"));
        }
        return new Part.Numbers("Run", List.of("what", "value"), rows);
    }
}
