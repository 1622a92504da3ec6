package dev.stockpot.soup.descent;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.soup.options.Epoch;
import dev.stockpot.text.JsonValues;
import dev.stockpot.text.NameList;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The state of a descent after an epoch, as the journal keeps it; number 0 is the start. */
record DescentState(Epoch epoch, Coefficients coefficients, AdamW optimizer) {
    static final String LOSS = "loss";

    /** The loss of the soup after the epoch. */
    double loss() {
        return loss(epoch.scores());
    }

    static double loss(Scores scores) {
        return scores.get(LOSS)
                .orElseThrow(() -> new EvaluationException(
                        Reason.NO_LOSS,
                        "the evaluator returned no " + LOSS + " but "
                                + NameList.of(scores.metrics().keySet())));
    }

    void write(JsonGenerator json) throws IOException {
        json.writeNumberField("epoch", epoch.number());
        numbers(json, "losses", array(epoch.stepLosses()));
        json.writeFieldName("metrics");
        JsonValues.write(json, epoch.scores().metrics());
        write(json, coefficients);
        numbers(json, "mean", optimizer.mean());
        numbers(json, "square", optimizer.square());
        json.writeNumberField("steps", optimizer.steps());
    }

    /** Writes the optimizer's parameters and, for people who read the journal, the coefficients that they stand for. */
    static void write(JsonGenerator json, Coefficients coefficients) throws IOException {
        numbers(json, "parameters", coefficients.parameters());
        json.writeArrayFieldStart("alpha");
        for (double[] row : coefficients.alpha()) {
            json.writeArray(row, 0, row.length);
        }
        json.writeEndArray();
        json.writeNumberField("beta", coefficients.beta());
    }

    private static void numbers(JsonGenerator json, String field, double[] values) throws IOException {
        json.writeFieldName(field);
        json.writeArray(values, 0, values.length);
    }

    /** Reads an entry of a journal; empty if it only says why a run stopped. */
    static Optional<DescentState> read(
            String entry, Coefficients pattern, double learningRate, DescentJournal journal) {
        try {
            Map<?, ?> fields = (Map<?, ?>) JsonValues.read(entry);
            if (!fields.containsKey("epoch")) {
                return Optional.empty();
            }
            int count = pattern.parameters().length;
            AdamW optimizer = new AdamW(
                    learningRate,
                    array(fields.get("mean"), count),
                    array(fields.get("square"), count),
                    ((Double) fields.get("steps")).longValue());
            int number = ((Double) fields.get("epoch")).intValue();
            return Optional.of(new DescentState(
                    new Epoch(number, list(fields.get("losses")), scores(fields)),
                    pattern.with(array(fields.get("parameters"), count)),
                    optimizer));
        } catch (IOException | RuntimeException e) {
            throw journal.damaged(entry, e);
        }
    }

    /** The scores of an entry. */
    static Scores scores(Map<?, ?> fields) {
        return Scores.inOrder(JsonValues.numbers(fields.get("metrics")));
    }

    private static List<Double> list(Object list) {
        return ((List<?>) list).stream().map(Double.class::cast).toList();
    }

    /** One number for each parameter. */
    private static double[] array(Object numbers, int count) throws IOException {
        double[] array = array(list(numbers));
        if (array.length != count) {
            throw new IOException("has " + array.length + " numbers where there should be " + count);
        }
        return array;
    }

    private static double[] array(List<Double> numbers) {
        return numbers.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
