package dev.stockpot.cli.options;

import dev.stockpot.evaluate.MetricDirection;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.soup.options.Objective;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The metric that decides, and whether more of it is better. */
public final class MetricOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--metric",
            paramLabel = "NAME",
            description =
                    "The metric that decides (default: the first that the evaluator returns). In nested JSON, A.B is"
                            + " B within A.")
    private String metric;

    @Option(
            names = "--maximize",
            description = "Higher values of the metric are better (default: by its name, such as accuracy).")
    private boolean maximize;

    @Option(
            names = "--minimize",
            description = "Lower values of the metric are better (default: by its name, such as loss).")
    private boolean minimize;

    /** The metric's name, if one is given. */
    public Optional<String> name() {
        return Optional.ofNullable(metric);
    }

    /** The objective as far as the options say. */
    public Objective objective() {
        if (maximize && minimize) {
            throw new ParameterException(spec.commandLine(), "--maximize and --minimize exclude each other");
        }
        return new Objective(
                name(),
                maximize
                        ? Optional.of(MetricDirection.MAXIMIZE)
                        : minimize ? Optional.of(MetricDirection.MINIMIZE) : Optional.empty());
    }

    /** The same for a search; a metric that is named needs a direction before anything is opened. */
    public Objective decides() {
        Objective objective = objective();
        if (metric != null && objective.knownDirection().isEmpty()) {
            throw RunFailure.wrongValue("--metric " + metric
                    + ": its name does not say whether higher or lower is better: "
                    + MetricDirection.nearest(metric)
                            .map(known -> "did you mean " + known + "? Otherwise ")
                            .orElse("")
                    + "add --maximize or --minimize");
        }
        return objective;
    }

    /**
     * The objective of a search whose ingredients have been scored already.
     *
     * @param column the name of their scores, or the name of scores without one
     */
    public Objective decides(String column) {
        Objective objective = decides();
        boolean named = metric == null && !column.equals(Scores.UNNAMED);
        return named ? new Objective(Optional.of(column), objective.direction()) : objective;
    }
}
