package dev.stockpot.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.stockpot.Stockpot;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.cli.options.CommonOptions;
import dev.stockpot.cli.options.InputOptions;
import dev.stockpot.cli.options.JournalOptions;
import dev.stockpot.cli.options.RunFailure;
import dev.stockpot.cli.options.SearchOptions;
import dev.stockpot.cli.output.Json;
import dev.stockpot.cli.output.SearchConsole;
import dev.stockpot.cli.output.Table;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.run.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code stockpot evaluate}. */
@Command(
        name = "evaluate",
        description = "Score checkpoints without making a soup.",
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  stockpot evaluate --evaluator 'cmd:python3 eval.py {checkpoint}' soup.safetensors run1.safetensors",
            "  stockpot evaluate --evaluator torchscript:model.pt --data test.safetensors --json soup.safetensors"
        })
final class EvaluateCommand implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "CHECKPOINT", description = "A file, an index file or a model directory.")
    private List<Path> paths;

    @Mixin
    private InputOptions input;

    @Mixin
    private SearchOptions search;

    @Mixin
    private JournalOptions journal;

    @Option(names = "--metric", paramLabel = "NAME", description = "The metric to show first.")
    private String metric;

    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() throws InterruptedException, IOException {
        List<Checkpoint> checkpoints = Stockpot.openAll(paths, input.open());
        List<Scores> results;
        try (SearchConsole console = journal.follow(common.console(checkpoints.size()));
                Evaluator evaluator = search.open(common, console::note)) {
            Run run = common.run(console).build();
            results = search.evaluate(checkpoints, evaluator, journal.shared(), run, console).stream()
                    .map(this::metricFirst)
                    .toList();
        }
        if (common.json()) {
            Json.print(common.out(), json -> write(json, results));
        } else {
            print(results);
        }
        return 0;
    }

    private Scores metricFirst(Scores scores) {
        if (metric == null) {
            return scores;
        }
        LinkedHashMap<String, Double> metrics = new LinkedHashMap<>();
        metrics.put(
                metric,
                scores.get(metric)
                        .orElseThrow(() -> new RunFailure("--metric: the evaluator returned no " + metric + " but "
                                + String.join(", ", scores.metrics().keySet()))));
        scores.metrics().forEach(metrics::putIfAbsent);
        return Scores.inOrder(metrics);
    }

    private void print(List<Scores> results) {
        List<String> heads = new ArrayList<>(List.of("checkpoint"));
        heads.addAll(results.get(0).metrics().keySet());
        Table table = new Table(heads.toArray(String[]::new));
        for (int i = 0; i < paths.size(); i++) {
            Scores scores = results.get(i);
            List<String> row = new ArrayList<>(List.of(paths.get(i).toString()));
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
