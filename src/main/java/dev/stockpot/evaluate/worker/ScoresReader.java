package dev.stockpot.evaluate.worker;

import dev.stockpot.error.EvaluationException;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.evaluate.worker.WorkerProtocol.Metric;
import dev.stockpot.evaluate.worker.WorkerProtocol.ScoresReply;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;

/** Turns a worker's answer into scores, or reports what is wrong with it. */
final class ScoresReader {
    private ScoresReader() {}

    /**
     * @param announced the metrics that the worker's hello named; may be empty
     * @throws EvaluationException if there is no metric, one comes twice or is not finite, or they are not those announced
     */
    static Scores read(String about, WorkerProcess worker, ScoresReply reply, List<String> announced)
            throws InterruptedException {
        LinkedHashMap<String, Double> metrics = new LinkedHashMap<>();
        boolean wrong = reply.getMetricsCount() == 0;
        for (Metric metric : reply.getMetricsList()) {
            wrong |= metric.getName().isEmpty() || !Double.isFinite(metric.getValue());
            wrong |= metrics.put(metric.getName(), metric.getValue()) != null;
        }
        if (wrong) {
            throw worker.failed(about, "should answer with named finite numbers but answered " + shown(reply), null);
        }
        if (!announced.isEmpty() && !announced.equals(List.copyOf(metrics.keySet()))) {
            throw worker.failed(about, "announced the metrics " + announced + " but answered " + shown(reply), null);
        }
        return Scores.inOrder(metrics);
    }

    private static String shown(ScoresReply reply) {
        return reply.getMetricsList().stream()
                .map(metric -> metric.getName() + " = " + metric.getValue())
                .collect(Collectors.joining(", ", "[", "]"));
    }
}
