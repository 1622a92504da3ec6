package dev.stockpot.diagnose;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Engine;
import dev.stockpot.soup.mixture.Ingredients;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.soup.mixture.Weights;
import dev.stockpot.soup.options.CandidateOptions;
import dev.stockpot.soup.options.MatchOptions;
import dev.stockpot.soup.options.Objective;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.soup.search.CandidateFiles;
import dev.stockpot.soup.search.Scorer;
import dev.stockpot.soup.search.SoupCandidate;
import dev.stockpot.system.Jobs;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Scores ingredients, their uniform soup, and the straight lines between pairs of them: each model once. */
final class LineSearch implements AutoCloseable {
    /** Under the names that all of them have in a soup. */
    private final List<Checkpoint> ingredients;

    private final MatchOptions matching;
    private final DiagnosisOptions options;
    private final Scorer scorer;
    private final Engine engine;
    private final SearchListener listener;
    private final CandidateFiles files;
    private Objective objective;
    private int searched;

    LineSearch(
            List<Checkpoint> ingredients,
            CandidateOptions candidates,
            DiagnosisOptions options,
            Scorer scorer,
            Engine engine,
            SearchListener listener) {
        this.ingredients = ingredients;
        this.matching = candidates.matching();
        this.options = options;
        this.scorer = scorer;
        this.engine = engine;
        this.listener = listener;
        long largest = ingredients.stream().mapToLong(Checkpoint::bytes).max().orElse(0);
        this.files = new CandidateFiles(candidates, Math.multiplyExact(largest, options.jobs()));
    }

    LineScores run(Positions positions) throws InterruptedException {
        List<Double> individual = individual();
        boolean minimize = objective.minimize();
        listener.decides(objective, options.objective().direction().isEmpty());
        List<PairChoice.Pair> pairs = options.pairs().of(positions, LineScores.best(individual, minimize));
        List<Double> points = options.points();
        int inner = points.size() - 2;
        Double[][] along = new Double[pairs.size()][points.size()];
        int evaluations = pairs.size() * inner + 1;
        double[] uniform = new double[1];
        Jobs.run(options.jobs(), evaluations, n -> {
            if (n == evaluations - 1) {
                uniform[0] = soup("the uniform soup", ingredients, Weights.EQUAL, evaluations);
                return;
            }
            PairChoice.Pair pair = pairs.get(n / inner);
            int point = n % inner + 1;
            along[n / inner][point] = between(pair, points.get(point), evaluations);
        });
        List<LinePath> lines = new ArrayList<>();
        for (int p = 0; p < pairs.size(); p++) {
            PairChoice.Pair pair = pairs.get(p);
            along[p][0] = individual.get(pair.a());
            along[p][points.size() - 1] = individual.get(pair.b());
            lines.add(new LinePath(pair.a(), pair.b(), points, List.of(along[p]), minimize));
        }
        return new LineScores(objective.metric().orElseThrow(), minimize, individual, uniform[0], lines);
    }

    private List<Double> individual() throws InterruptedException {
        Double[] individual = new Double[ingredients.size()];
        Jobs.run(options.jobs(), individual.length, i -> {
            Checkpoint ingredient = ingredients.get(i);
            String name = ingredient.path().toString();
            Scorer.Scored found = scored(name, List.of(ingredient), Weights.EQUAL);
            individual[i] = options.objective().of(found.scores(), name);
            synchronized (scorer) {
                objective = options.objective().settled(found.scores(), name);
                listener.scored(ingredient, found.scores(), found.kept());
            }
        });
        return List.of(individual);
    }

    private double between(PairChoice.Pair pair, double t, int evaluations) throws InterruptedException {
        Checkpoint a = ingredients.get(pair.a());
        Checkpoint b = ingredients.get(pair.b());
        String name = "the soup of " + a.path() + " and " + t + " of the way to " + b.path();
        return soup(name, List.of(a, b), Weights.of(new double[] {1 - t, t}, false), evaluations);
    }

    private double soup(String name, List<Checkpoint> of, Weights weights, int evaluations)
            throws InterruptedException {
        Scorer.Scored found = scored(name, of, weights);
        synchronized (scorer) {
            listener.searched(++searched, evaluations, found.scores(), found.kept());
        }
        return options.objective().of(found.scores(), name);
    }

    private Scorer.Scored scored(String name, List<Checkpoint> of, Weights weights) throws InterruptedException {
        Mixture mixture =
                Mixture.averaged(Ingredients.matchAligned(of, matching, List.of()), weights, Optional.empty());
        return scorer.score(new SoupCandidate(name, mixture, engine, files), options.objective());
    }

    @Override
    public void close() {
        files.close();
    }
}
