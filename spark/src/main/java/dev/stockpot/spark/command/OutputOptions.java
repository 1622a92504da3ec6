package dev.stockpot.spark.command;

import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.cli.options.DTypeName;
import dev.stockpot.cli.options.Sizes;
import dev.stockpot.run.Concern;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import dev.stockpot.spark.SparkSoup;
import dev.stockpot.tensor.DType;
import java.util.EnumSet;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What is written, and where. */
final class OutputOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "OUT",
            description = "The output, a model directory that does not exist yet.")
    private String out;

    @Option(
            names = "--dtype",
            paramLabel = "DTYPE",
            converter = DTypeName.class,
            description = "Type of the output's float tensors (default: each tensor's type in the first ingredient).")
    private DType dtype;

    @Option(
            names = "--max-shard-size",
            paramLabel = "SIZE",
            defaultValue = "5GB",
            converter = Sizes.class,
            description = "Largest shard; each is a task (default: ${DEFAULT-VALUE}).")
    private long maxShardBytes;

    @Option(
            names = "--allow",
            paramLabel = "KIND",
            split = ",",
            description = "Go on, with a warning, where the output may be no model worth having:"
                    + " ${COMPLETION-CANDIDATES}.")
    private EnumSet<Concern> allowed = EnumSet.noneOf(Concern.class);

    /** Makes a soup. */
    interface Making {
        SparkSoup of(JavaSparkContext spark);
    }

    Optional<DType> dtype() {
        return Optional.ofNullable(dtype);
    }

    /** Makes a soup and writes it, with the context that {@code spark-submit} configures. */
    void write(Making making, Card card) throws InterruptedException {
        RunListener listener = new RunListener() {
            @Override
            public void note(String message) {
                spec.commandLine().getErr().println("note: " + message);
            }

            @Override
            public void warning(String message) {
                spec.commandLine().getErr().println("warning: " + message);
            }
        };
        Run run = Run.builder().listener(listener).allow(allowed).build();
        SparkConf conf = new SparkConf().setIfMissing("spark.app.name", "stockpot " + out);
        try (JavaSparkContext spark = new JavaSparkContext(conf)) {
            SparkSoup soup = making.of(spark);
            WriteOptions.Builder options =
                    WriteOptions.builder().maxShardBytes(maxShardBytes).card(card.of(soup));
            dtype().ifPresent(options::dtype);
            soup.write(out, options.build(), run);
        }
        spec.commandLine().getOut().println(out);
    }

    /** Words the model card. */
    interface Card {
        String of(SparkSoup soup);
    }
}
