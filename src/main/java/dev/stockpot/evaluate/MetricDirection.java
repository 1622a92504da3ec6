package dev.stockpot.evaluate;

import dev.stockpot.text.Nearest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a higher or a lower value of a metric is better. {@link #of} tells it from the metric's name, where the name is one
 * that the field uses in one sense only.
 */
public enum MetricDirection {
    /** Higher is better, as for an accuracy. */
    MAXIMIZE,
    /** Lower is better, as for a loss. */
    MINIMIZE;

    private static final Set<String> COSTS = Set.of(
            ("loss losses logloss perplexity ppl error errors err eer wer cer ter der mse rmse rmsle msle mae mape smape mase"
                            + " nll fid kid lpips bpc bpb bpd ce bce xent crossentropy divergence kl kld brier ece cost regret"
                            + " distance dist epe ade fde mpjpe chamfer hausdorff deviance misclassification misclassified"
                            + " miss misses fpr fnr fdr levenshtein")
                    .split(" "));

    private static final Set<String> GAINS = Set.of(
            ("accuracy accuracies acc top f1 fbeta bleu sacrebleu chrf meteor rouge rougel rougelsum cider spice bertscore"
                            + " bleurt comet auc auroc rocauc aucroc auprc aucpr roc ap map miou iou giou dice jaccard r2"
                            + " pearson spearman kendall pearsonr spearmanr correlation corr mcc matthews kappa precision recall"
                            + " sensitivity specificity ndcg mrr hit hits em exact match matches correct score reward return"
                            + " win wins winrate pass psnr ssim pesq stoi snr sdr sisnr likelihood loglikelihood logprob"
                            + " logprobs elbo similarity agreement success fitness tpr tnr nmi ari")
                    .split(" "));

    /** Words that say nothing beside another: an error score is an error. */
    private static final Set<String> WEAK = Set.of("score", "top", "return");

    /** Words that make another quantity of a metric, of which the direction is anyone's guess. */
    private static final Set<String> DERIVED = Set.of(
            ("std stdev stddev stderr sem var variance ci drop gap diff difference delta change reduction improvement gain"
                            + " ratio weight coef coefficient scale count num threshold inverse inv inverted reciprocal time"
                            + " seconds runtime")
                    .split(" "));

    private static final Map<String, MetricDirection> PHRASES = Map.of(
            "cross entropy", MINIMIZE,
            "bits per", MINIMIZE,
            "nats per", MINIMIZE,
            "false positive", MINIMIZE,
            "false negative", MINIMIZE,
            "true positive", MAXIMIZE,
            "true negative", MAXIMIZE,
            "explained variance", MAXIMIZE,
            "area under", MAXIMIZE);

    /** Characters: a longer name is a text, and may come from a stranger's table. */
    private static final int LONGEST = 200;

    /** What training code puts before a metric's name, often without a separator; no name begins with another one's end. */
    private static final List<String> SPLITS =
            List.of("validation", "heldout", "valid", "train", "eval", "test", "dev", "val");

    /**
     * The direction that a metric's name stands for. Names are read as words ({@code eval_loss}, {@code val/topOneAcc}, {@code
     * results.task.exact_match}); of parts that are joined by dots or slashes, the last one that says something counts.
     *
     * @return empty for a name that is not known, that does not say, or that is longer than 200 characters
     */
    public static Optional<MetricDirection> of(String metric) {
        if (metric.length() > LONGEST) {
            return Optional.empty();
        }
        String[] parts = metric.split("[./]");
        for (int i = parts.length - 1; i >= 0; i--) {
            List<String> words = words(parts[i]);
            Optional<MetricDirection> direction = ofWords(words, parts[i]);
            if (direction.isPresent() || words.stream().anyMatch(DERIVED::contains)) {
                return direction;
            }
        }
        return Optional.empty();
    }

    private static Optional<MetricDirection> ofWords(List<String> words, String part) {
        String sentence = " " + String.join(" ", words) + " ";
        for (Map.Entry<String, MetricDirection> phrase : PHRASES.entrySet()) {
            if (sentence.contains(" " + phrase.getKey() + " ")) {
                return Optional.of(phrase.getValue());
            }
        }
        MetricDirection found = null;
        boolean weak = true;
        boolean opposite = part.strip().startsWith("1-") || part.strip().startsWith("1 -");
        for (String word : words) {
            if (DERIVED.contains(word)) {
                return Optional.empty();
            }
            boolean cost = COSTS.contains(word);
            if ((cost || GAINS.contains(word)) && (weak || !WEAK.contains(word))) {
                found = cost ? MINIMIZE : MAXIMIZE;
                weak = WEAK.contains(word);
            }
            // As in scikit-learn's neg_mean_squared_error, and in negative log-likelihood.
            opposite |= word.equals("neg") || word.equals("negative") || word.equals("minus");
        }
        return Optional.ofNullable(found == null || !opposite ? found : found.opposite());
    }

    /** The name with a known direction that was probably meant by one without. */
    public static Optional<String> nearest(String metric) {
        List<String> known = new ArrayList<>(COSTS);
        known.addAll(GAINS);
        // Shorter ones are near to anything.
        known.removeIf(name -> name.length() < 4);
        Collections.sort(known);
        return Nearest.to(metric, known);
    }

    private MetricDirection opposite() {
        return this == MAXIMIZE ? MINIMIZE : MAXIMIZE;
    }

    /** The words of a name, in lower case: those of the tables if a piece is one, otherwise split where case changes. */
    private static List<String> words(String part) {
        List<String> words = new ArrayList<>();
        for (String piece : part.split("[^\\p{L}\\p{N}]+")) {
            String known = known(piece);
            if (known != null) {
                words.add(known);
            } else {
                for (String word : piece.split("(?<=[\\p{Ll}\\p{N}])(?=\\p{Lu})|(?<=\\p{Lu})(?=\\p{Lu}\\p{Ll})")) {
                    String inner = known(word);
                    words.add(inner == null ? word.toLowerCase(Locale.ROOT) : inner);
                }
            }
        }
        return words;
    }

    /** The word of the tables that a piece is, without its number ({@code top5}) and its split ({@code valloss}). */
    private static String known(String piece) {
        String lower = piece.toLowerCase(Locale.ROOT);
        String word = isKnown(lower) ? lower : lower.replaceFirst("\\p{N}+k?$", "");
        if (isKnown(word)) {
            return word;
        }
        for (String split : SPLITS) {
            if (word.startsWith(split) && isKnown(word.substring(split.length()))) {
                return word.substring(split.length());
            }
        }
        return null;
    }

    private static boolean isKnown(String word) {
        return COSTS.contains(word) || GAINS.contains(word) || DERIVED.contains(word);
    }

    /** {@code maximize} or {@code minimize}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
