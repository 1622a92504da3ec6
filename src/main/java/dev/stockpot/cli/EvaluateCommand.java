package dev.stockpot.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.stockpot.Stockpot;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.cli.options.CommonOptions;
import dev.stockpot.cli.options.InputOptions;
import dev.stockpot.cli.options.JournalOptions;
import dev.stockpot.cli.options.MetricOptions;
import dev.stockpot.cli.options.SearchOptions;
import dev.stockpot.cli.output.Json;
import dev.stockpot.cli.output.SearchConsole;
import dev.stockpot.cli.output.Table;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.run.Run;
import dev.stockpot.soup.options.Objective;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code stockpot evaluate}. */
@Command(
        name = "evaluate",
        description = "Score checkpoints without making a soup.",
        footer = {
            "  stockpot evaluate --evaluator 'cmd:python3 eval.py {checkpoint}' soup.safetensors run1.safetensors",
            "  stockpot evaluate --evaluator torchscript:model.pt --data test.safetensors --json soup.safetensors",
            "  stockpot evaluate --evaluator onnx:model.onnx --data test.safetensors soup.onnx run1.onnx"
        })
final class EvaluateCommand implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "CHECKPOINT", description = "A file, index, directory, or BASE+ADAPTER.")
    private List<Path> paths;

    @Mixin
    private InputOptions input;

    @Mixin
    private SearchOptions search;

    @Mixin
    private JournalOptions journal;

    @Mixin
    private MetricOptions metric;

    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() throws InterruptedException, IOException {
        search.check(common);
        metric.objective();
        List<Checkpoint> checkpoints = Stockpot.openAll(paths, input.open());
        List<Scores> results;
        SearchConsole console = journal.follow(common.console(checkpoints.size()));
        try (console;
                Evaluator evaluator = search.open(common, metric, console::note)) {
            Run run = common.run(console).build();
            metric.name().ifPresent(name -> Objective.maximize(name).check(evaluator.metrics()));
            results = search.evaluate(checkpoints, input.open(), evaluator, journal.shared(), run, console).stream()
                    .map(this::metricFirst)
                    .toList();
        } catch (InterruptedException | RuntimeException e) {
            // A document is printed whole or not at all.
            if (!common.json()) {
                printFound(checkpoints, console);
            }
            throw e;
        }
        if (common.json()) {
            Json.print(common.out(), json -> write(json, results));
        } else {
            table(paths, results);
            printBest(results);
        }
        return 0;
    }

    /** What was scored before the run ended early: it may have taken hours. */
    private void printFound(List<Checkpoint> checkpoints, SearchConsole console) {
        List<Path> scored = new ArrayList<>();
        List<Scores> found = new ArrayList<>();
        for (int i = 0; i < paths.size(); i++) {
            Optional<Scores> scores = console.scores(checkpoints.get(i));
            if (scores.isPresent()) {
                scored.add(paths.get(i));
                found.add(scores.get());
            }
        }
        if (!found.isEmpty()) {
            table(scored, found);
            common.out().flush();
        }
    }

    private Scores metricFirst(Scores scores) {
        if (metric.name().isEmpty()) {
            return scores;
        }
        String first = metric.name().get();
        double value = Objective.maximize(first).of(scores, "--metric " + first);
        LinkedHashMap<String, Double> metrics = new LinkedHashMap<>();
        metrics.put(Objective.maximize(first).name(scores), value);
        scores.metrics().forEach(metrics::putIfAbsent);
        return Scores.inOrder(metrics);
    }

    /** The best of several, where it is known what is better. */
    private void printBest(List<Scores> results) {
        Objective asked = metric.objective();
        String main = results.get(0).main();
        Objective objective = new Objective(Optional.of(main), asked.direction());
        if (results.size() == 1
                || objective.knownDirection().isEmpty()
                || results.stream().anyMatch(scores -> scores.get(main).isEmpty())) {
            return;
        }
        int best = 0;
        for (int i = 1; i < results.size(); i++) {
            if (objective.better(
                    results.get(i).get(main).orElseThrow(),
                    results.get(best).get(main).orElseThrow(),
                    0)) {
                best = i;
            }
        }
        common.out()
                .println(Printable.of("best: " + paths.get(best) + " ("
                        + (objective.minimize() ? "lowest " : "highest ") + main + ")"));
    }

    private void table(List<Path> scored, List<Scores> results) {
        List<String> heads = new ArrayList<>(List.of("checkpoint"));
        heads.addAll(results.get(0).metrics().keySet());
        Table table = new Table(heads.toArray(String[]::new));
        for (int i = 0; i < scored.size(); i++) {
            Scores scores = results.get(i);
            List<String> row = new ArrayList<>(List.of(scored.get(i).toString()));
            for (String metric : heads.subList(1, heads.size())) {
                row.add(scores.get(metric).map(Table::number).orElse("-"));
            }
            table.row(row.toArray(String[]::new));
        }
        table.print(common.out());
    }

    private void write(JsonGenerator json, List<Scores> results) throws IOException {
        json.writeStartObject();
        json.writeArrayFieldStart("results");
        for (int i = 0; i < paths.size(); i++) {
            json.writeStartObject();
            json.writeStringField("checkpoint", paths.get(i).toString());
            json.writeFieldName("metrics");
            Json.metrics(json, results.get(i));
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }
}
