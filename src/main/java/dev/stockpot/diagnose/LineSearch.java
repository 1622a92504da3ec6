package dev.stockpot.diagnose;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.EngineSettings;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.soup.UniformSoup;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.soup.options.CandidateOptions;
import dev.stockpot.soup.options.OnMissing;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.soup.search.CandidateFiles;
import dev.stockpot.soup.search.SoupCandidate;
import dev.stockpot.system.Jobs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Scores ingredients, their uniform soup, and the straight lines between pairs of them: each model once. */
final class LineSearch implements AutoCloseable {
    private final List<Checkpoint> ingredients;
    private final OnMissing onMissing;
    private final DiagnosisOptions options;
    private final Evaluator evaluator;
    private final EngineSettings settings;
    private final SearchListener listener;
    private final CandidateFiles files;
    private String metric;
    private int searched;

    LineSearch(
            List<Checkpoint> ingredients,
            CandidateOptions candidates,
            DiagnosisOptions options,
            Evaluator evaluator,
            EngineSettings settings,
            SearchListener listener) {
        this.ingredients = ingredients;
        this.onMissing = candidates.onMissing();
        this.options = options;
        this.evaluator = evaluator;
        this.settings = settings;
        this.listener = listener;
        long largest = ingredients.stream().mapToLong(Checkpoint::bytes).max().orElse(0);
        Path scratch = candidates.scratch();
        this.files = new CandidateFiles(scratch, Math.multiplyExact(largest, options.jobs()));
    }

    LineScores run(Positions positions) throws InterruptedException {
        boolean minimize = options.objective().minimize();
        double[] individual = new double[ingredients.size()];
        Jobs.run(options.jobs(), individual.length, i -> {
            Checkpoint ingredient = ingredients.get(i);
            Scores scores = scores(ingredient.path().toString(), UniformSoup.of(List.of(ingredient)));
            individual[i] = options.objective().of(scores, ingredient.path().toString());
            synchronized (listener) {
                metric = options.objective().name(scores);
                listener.scored(ingredient, scores, false);
            }
        });
        List<PairChoice.Pair> pairs = options.pairs().of(positions, LineScores.best(individual, minimize));
        List<Double> points = options.points();
        int inner = points.size() - 2;
        double[][] along = new double[pairs.size()][points.size()];
        int evaluations = pairs.size() * inner + 1;
        double[] uniform = new double[1];
        Jobs.run(options.jobs(), evaluations, n -> {
            if (n == evaluations - 1) {
                uniform[0] = soup("the uniform soup", UniformSoup.of(ingredients), evaluations);
                return;
            }
            PairChoice.Pair pair = pairs.get(n / inner);
            int point = n % inner + 1;
            along[n / inner][point] = between(pair, points.get(point), evaluations);
        });
        List<LinePath> lines = new ArrayList<>();
        double[] t = points.stream().mapToDouble(Double::doubleValue).toArray();
        for (int p = 0; p < pairs.size(); p++) {
            PairChoice.Pair pair = pairs.get(p);
            along[p][0] = individual[pair.a()];
            along[p][points.size() - 1] = individual[pair.b()];
            lines.add(new LinePath(pair.a(), pair.b(), t, along[p], minimize));
        }
        return new LineScores(metric, minimize, individual, uniform[0], lines);
    }

    private double between(PairChoice.Pair pair, double t, int evaluations) throws InterruptedException {
        Checkpoint a = ingredients.get(pair.a());
        Checkpoint b = ingredients.get(pair.b());
        String name = "the soup of " + a.path() + " and " + t + " of the way to " + b.path();
        return soup(name, UniformSoup.of(List.of(a, b)).withWeights(1 - t, t).withoutNormalizing(), evaluations);
    }

    private double soup(String name, UniformSoup soup, int evaluations) throws InterruptedException {
        Scores scores = scores(name, soup);
        synchronized (listener) {
            listener.searched(++searched, evaluations, scores, false);
        }
        return options.objective().of(scores, name);
    }

    private Scores scores(String name, UniformSoup soup) throws InterruptedException {
        Mixture mixture = soup.withOnMissing(onMissing).mixture();
        return evaluator.evaluate(new SoupCandidate(name, mixture, settings, files));
    }

    @Override
    public void close() {
        files.close();
    }
}
