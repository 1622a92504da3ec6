package dev.stockpot.spark.command;

import dev.stockpot.report.ModelCard;
import dev.stockpot.soup.UniformSoup;
import dev.stockpot.spark.SparkSoup;
import dev.stockpot.tensor.DType;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code stockpot-spark uniform}. */
@Command(
        name = "uniform",
        description = "Average all ingredients, with equal weights or by --weights.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
final class UniformCommand implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "INGREDIENT", description = "A file, index or directory.")
    private List<String> ingredients;

    @Option(
            names = "--weights",
            paramLabel = "W1,W2,...",
            split = ",",
            description = "One weight per ingredient, in order; the weighted sum is divided by the sum of the weights.")
    private double[] weights;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() throws InterruptedException {
        output.write(this::soup, soup -> new ModelCard("uniform", soup.soup().ingredients()).text());
        return 0;
    }

    private SparkSoup soup(JavaSparkContext spark) {
        UniformSoup soup = UniformSoup.of(SparkSoup.open(spark, ingredients));
        Optional<DType> dtype = output.dtype();
        soup = dtype.isPresent() ? soup.withDType(dtype.get()) : soup;
        return SparkSoup.of(spark, weights == null ? soup : soup.withWeights(weights));
    }
}
