package dev.stockpot.demo;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Engine;
import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.evaluate.Outputs;
import dev.stockpot.evaluate.torchscript.TorchScriptEvaluator;
import dev.stockpot.run.Run;
import dev.stockpot.soup.options.CandidateOptions;
import dev.stockpot.soup.search.Evaluation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A family's data sets, each with its evaluator: held-out, test, and the shifted ones. */
final class DataSets implements AutoCloseable {
    private final TorchScriptEvaluator heldOut;
    private final TorchScriptEvaluator test;
    private final Map<String, TorchScriptEvaluator> shifts = new LinkedHashMap<>();
    private final int jobs;
    private final Engine engine;

    /** Runs as many models concurrently as the run has threads, each on one thread. */
    DataSets(Family family, Run run) {
        this.engine = Engine.open(run);
        this.jobs = engine.threads();
        List<TorchScriptEvaluator> opened = new ArrayList<>();
        try {
            heldOut = TorchScriptEvaluator.open(family.network(), options(family.heldOut()));
            opened.add(heldOut);
            test = TorchScriptEvaluator.open(family.network(), options(family.test()));
            opened.add(test);
            family.shifts().forEach((name, data) -> {
                TorchScriptEvaluator shifted = TorchScriptEvaluator.open(family.network(), options(data));
                opened.add(shifted);
                shifts.put(name, shifted);
            });
        } catch (RuntimeException e) {
            opened.forEach(TorchScriptEvaluator::close);
            engine.close();
            throw e;
        }
    }

    private EvaluatorOptions options(Path data) {
        return EvaluatorOptions.builder().data(data).jobs(jobs).threads(jobs).build();
    }

    /** How many models run concurrently. */
    int jobs() {
        return jobs;
    }

    TorchScriptEvaluator heldOut() {
        return heldOut;
    }

    /** A model's accuracies. */
    PaperTable.Row score(String name, int models, Checkpoint model) throws InterruptedException {
        Map<String, Double> shifted = new LinkedHashMap<>();
        for (Map.Entry<String, TorchScriptEvaluator> shift : shifts.entrySet()) {
            shifted.put(
                    shift.getKey(),
                    outputs(List.of(model), shift.getValue()).get(0).accuracy());
        }
        return new PaperTable.Row(
                name,
                models,
                1,
                outputs(List.of(model), heldOut).get(0).accuracy(),
                outputs(List.of(model), test).get(0).accuracy(),
                shifted);
    }

    /** Every model's accuracies, followed by their ensemble's. */
    List<PaperTable.Row> scoreEachAndEnsemble(List<Checkpoint> models, String name) throws InterruptedException {
        List<Double> onHeldOut = accuracies(models, heldOut);
        List<Double> onTest = accuracies(models, test);
        Map<String, List<Double>> onShifts = new LinkedHashMap<>();
        for (Map.Entry<String, TorchScriptEvaluator> shift : shifts.entrySet()) {
            onShifts.put(shift.getKey(), accuracies(models, shift.getValue()));
        }
        List<PaperTable.Row> rows = new ArrayList<>();
        for (int i = 0; i <= models.size(); i++) {
            int at = i;
            boolean ensemble = i == models.size();
            Map<String, Double> shifted = new LinkedHashMap<>();
            onShifts.forEach((shift, accuracies) -> shifted.put(shift, accuracies.get(at)));
            rows.add(new PaperTable.Row(
                    ensemble ? name : models.get(i).path().getFileName().toString(),
                    ensemble ? models.size() : 1,
                    ensemble ? models.size() : 1,
                    onHeldOut.get(i),
                    onTest.get(i),
                    shifted));
        }
        return rows;
    }

    private List<Double> accuracies(List<Checkpoint> models, TorchScriptEvaluator evaluator)
            throws InterruptedException {
        List<Outputs> outputs = outputs(models, evaluator);
        List<Double> accuracies =
                new ArrayList<>(outputs.stream().map(Outputs::accuracy).toList());
        accuracies.add(Outputs.mean(outputs).accuracy());
        return accuracies;
    }

    private List<Outputs> outputs(List<Checkpoint> models, TorchScriptEvaluator evaluator) throws InterruptedException {
        return new Evaluation(jobs, CandidateOptions.defaults(), engine).outputs(models, evaluator);
    }

    @Override
    public void close() {
        heldOut.close();
        test.close();
        shifts.values().forEach(TorchScriptEvaluator::close);
        engine.close();
    }
}
