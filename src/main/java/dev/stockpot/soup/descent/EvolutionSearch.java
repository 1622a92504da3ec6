package dev.stockpot.soup.descent;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import dev.stockpot.engine.EngineSettings;
import dev.stockpot.error.SoupException;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.soup.LearnedResult;
import dev.stockpot.soup.mixture.WeightedSoup;
import dev.stockpot.soup.options.LearnedOptions;
import dev.stockpot.soup.options.Objective;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.soup.search.CandidateFiles;
import dev.stockpot.soup.search.Journal;
import dev.stockpot.text.JsonValues;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.math3.exception.TooManyEvaluationsException;
import org.apache.commons.math3.optim.InitialGuess;
import org.apache.commons.math3.optim.MaxEval;
import org.apache.commons.math3.optim.SimpleBounds;
import org.apache.commons.math3.optim.nonlinear.scalar.GoalType;
import org.apache.commons.math3.optim.nonlinear.scalar.ObjectiveFunction;
import org.apache.commons.math3.optim.nonlinear.scalar.noderiv.CMAESOptimizer;
import org.apache.commons.math3.random.MersenneTwister;

/**
 * Searches a soup's coefficients by score alone with CMA-ES (Hansen, "The CMA Evolution Strategy: A Tutorial"), as evaluators
 * without gradients and metrics such as accuracy ask for. The search repeats itself from its seed, so that a run that is
 * taken up again finds the scores of its first candidates in the journal.
 */
public final class EvolutionSearch {
    /** More coefficients than evaluations can tell apart. */
    private static final int MOST_COEFFICIENTS = 1000;

    /** How far the first candidates are spread around the start, in raw coefficients under softmax. */
    private static final double SPREAD = 0.5;

    private final LearnedOptions options;
    private final Objective objective;
    private final int evaluations;
    private final Evaluator evaluator;
    private final WeightedSoup soup;
    private final Journal journal;
    private final CandidateFiles files;
    private final EngineSettings settings;
    private final SearchListener listener;
    private int done;
    private Coefficients best;
    private Scores bestScores;
    private Scores start;

    public EvolutionSearch(
            LearnedOptions options,
            Objective objective,
            int evaluations,
            Evaluator evaluator,
            WeightedSoup soup,
            Journal journal,
            CandidateFiles files,
            EngineSettings settings,
            SearchListener listener) {
        this.options = options;
        this.objective = objective;
        this.evaluations = evaluations;
        this.evaluator = evaluator;
        this.soup = soup;
        this.journal = journal;
        this.files = files;
        this.settings = settings;
        this.listener = listener;
    }

    /** Carries an interruption through the optimizer. */
    private static final class Interrupted extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    public LearnedResult run(Coefficients first) throws InterruptedException {
        int count = first.groups() * first.ingredients();
        if (count > MOST_COEFFICIENTS) {
            throw new SoupException(
                    count + " coefficients are too many to be searched by score alone",
                    "--granularity model or layer has fewer");
        }
        double[] guess = Arrays.copyOf(first.parameters(), count);
        double[] spread = new double[count];
        Arrays.fill(spread, options.softmax() ? SPREAD : SPREAD / first.ingredients());
        int population = 4 + (int) (3 * Math.log(count));
        start = score(first);
        CMAESOptimizer optimizer =
                new CMAESOptimizer(Integer.MAX_VALUE, 0, true, 0, 0, new MersenneTwister(options.seed()), false, null);
        try {
            optimizer.optimize(
                    new MaxEval(Integer.MAX_VALUE),
                    new ObjectiveFunction(raw -> value(first, raw)),
                    objective.minimize() ? GoalType.MINIMIZE : GoalType.MAXIMIZE,
                    new InitialGuess(guess),
                    SimpleBounds.unbounded(count),
                    new CMAESOptimizer.Sigma(spread),
                    new CMAESOptimizer.PopulationSize(population));
        } catch (TooManyEvaluationsException e) {
            // As many as were allowed.
        } catch (Interrupted e) {
            throw new InterruptedException("cancelled");
        }
        boolean worse = objective.better(value(start), value(bestScores), 0);
        String metric = objective.name(bestScores);
        return new LearnedResult(
                soup,
                options.granularity(),
                best,
                List.of(),
                new LearnedResult.Verdict(metric, start, bestScores, worse));
    }

    private double value(Coefficients pattern, double[] raw) {
        double[] parameters = pattern.parameters();
        System.arraycopy(raw, 0, parameters, 0, raw.length);
        try {
            return value(score(pattern.with(parameters)));
        } catch (InterruptedException e) {
            throw new Interrupted();
        }
    }

    private double value(Scores scores) {
        return objective.of(scores, "the soup");
    }

    private Scores score(Coefficients coefficients) throws InterruptedException {
        if (done == evaluations) {
            throw new TooManyEvaluationsException(evaluations);
        }
        boolean kept = done < journal.entries().size();
        Scores scores = kept ? read(journal.entries().get(done)) : evaluate(coefficients);
        done++;
        if (best == null || objective.better(value(scores), value(bestScores), 0)) {
            best = coefficients;
            bestScores = scores;
        }
        listener.searched(done, evaluations, scores, kept);
        return scores;
    }

    private Scores evaluate(Coefficients coefficients) throws InterruptedException {
        String name = "the soup of evaluation " + (done + 1);
        Scores scores = evaluator.evaluate(soup.candidate(name, coefficients, settings, files));
        journal.add(json -> {
            json.writeObjectFieldStart("metrics");
            for (Map.Entry<String, Double> metric : scores.metrics().entrySet()) {
                json.writeNumberField(metric.getKey(), metric.getValue());
            }
            json.writeEndObject();
            DescentState.write(json, coefficients);
        });
        return scores;
    }

    private Scores read(String entry) {
        try (JsonParser json = new JsonFactory().createParser(entry)) {
            json.nextToken();
            Map<?, ?> fields = (Map<?, ?>) JsonValues.read(json);
            Map<String, Double> metrics = new LinkedHashMap<>();
            ((Map<?, ?>) fields.get("metrics")).forEach((name, value) -> metrics.put((String) name, (Double) value));
            return new Scores(metrics);
        } catch (IOException | RuntimeException e) {
            throw journal.damaged(entry, e);
        }
    }
}
