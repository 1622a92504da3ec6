package dev.stockpot.soup.descent;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.soup.LearnedResult;
import dev.stockpot.soup.search.Journal;
import dev.stockpot.text.JsonValues;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where a descent stands behind an epoch, as the journal keeps it; number 0 is the start. */
record DescentState(LearnedResult.Epoch epoch, Coefficients coefficients, AdamW optimizer) {
    private static final String LOSS = "loss";

    /** The loss of the soup behind the epoch. */
    double loss() {
        return epoch.scores()
                .get(LOSS)
                .orElseThrow(() -> new EvaluationException("the evaluator gave no " + LOSS + " but "
                        + String.join(", ", epoch.scores().metrics().keySet())));
    }

    void write(JsonGenerator json) throws IOException {
        json.writeNumberField("epoch", epoch.number());
        numbers(json, "losses", epoch.stepLosses());
        json.writeObjectFieldStart("metrics");
        for (Map.Entry<String, Double> metric : epoch.scores().metrics().entrySet()) {
            json.writeNumberField(metric.getKey(), metric.getValue());
        }
        json.writeEndObject();
        write(json, coefficients);
        numbers(json, "mean", optimizer.mean());
        numbers(json, "square", optimizer.square());
        json.writeNumberField("steps", optimizer.steps());
    }

    /** Coefficients: what the optimizer moves, and for whoever reads the journal what that means. */
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

    /** An entry of a journal; empty where it says only why a run stopped. */
    static Optional<DescentState> read(String entry, Coefficients pattern, double learningRate, Journal journal) {
        try (JsonParser json = new JsonFactory().createParser(entry)) {
            json.nextToken();
            Map<?, ?> fields = (Map<?, ?>) JsonValues.read(json);
            if (!fields.containsKey("epoch")) {
                return Optional.empty();
            }
            Map<String, Double> metrics = new LinkedHashMap<>();
            ((Map<?, ?>) fields.get("metrics")).forEach((name, value) -> metrics.put((String) name, (Double) value));
            AdamW optimizer = new AdamW(
                    learningRate,
                    numbers(fields.get("mean")),
                    numbers(fields.get("square")),
                    ((Double) fields.get("steps")).longValue());
            int number = ((Double) fields.get("epoch")).intValue();
            return Optional.of(new DescentState(
                    new LearnedResult.Epoch(number, numbers(fields.get("losses")), new Scores(metrics)),
                    pattern.with(numbers(fields.get("parameters"))),
                    optimizer));
        } catch (IOException | RuntimeException e) {
            throw journal.damaged(entry, e);
        }
    }

    private static double[] numbers(Object list) {
        return ((List<?>) list).stream().mapToDouble(value -> (Double) value).toArray();
    }
}
