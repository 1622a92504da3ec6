package dev.stockpot.merge.method;

import java.util.Map;

/**
 * What each method makes of an element, in a line: x_k is the element of model k of N, b the base's, d_k = x_k - b, and w_k the
 * model's weight. Vectors, their lengths |x| and angles are those of whole tensors.
 */
final class MethodFormulas {
    private static final String ADDS = "b + lambda sum of w_k f_k m_k d_k";
    private static final String ELECTS =
            "b + lambda sum of w_k f_k m_k d_k over the models with the sign of that sum over all";
    private static final String AT_RANDOM =
            "; m_k is 1 with the chance density, else 0; f_k is the sum of |d_k| over that of |m_k d_k|";
    private static final String OUTLIERS =
            "; m_k is 0 for the share gamma of the largest |d_k|, 1 for the share density that follows, else 0; f_k = 1";
    private static final String RANKED =
            "; m_k is 1 with the chance density - epsilon + 2 epsilon r, r from 0 for the least |d_k| of"
                    + " the row to 1 for the largest; f_k is the sum of |d_k| over that of |m_k d_k|";

    private static final Map<String, String> ALL = Map.ofEntries(
            Map.entry("linear", "(sum of w_k x_k) / (sum of w_k)"),
            Map.entry("slerp", "sin((1 - t) a) / sin(a) x_1 + sin(t a) / sin(a) x_2, a the angle between them"),
            Map.entry("nuslerp", "slerp with t = w_2 / (w_1 + w_2); with a base, b + slerp of d_1 and d_2"),
            Map.entry(
                    "multislerp",
                    "(sum of w_k |x_k|) u, u the unit vector that sum of w_k x_k / |x_k| leads to on the sphere, weights adding up to 1;"
                            + " with a base, b + the same of d_k"),
            Map.entry(
                    "karcher", "(mean of |x_k|) u, u the unit vector with the least sum of squared angles to all x_k"),
            Map.entry(
                    "model_stock",
                    "t mean(x) + (1 - t) b, t = N c / (1 + (N - 1) c), c the mean cosine between the d_k"),
            Map.entry("passthrough", "scale x"),
            Map.entry("task_arithmetic", "b + lambda sum of w_k d_k"),
            Map.entry(
                    "ties",
                    ELECTS
                            + ", over the sum of their w_k; m_k is 1 for the share density of the largest |d_k|, else 0"),
            Map.entry("dare_linear", ADDS + AT_RANDOM),
            Map.entry("dare_ties", ELECTS + AT_RANDOM),
            Map.entry("breadcrumbs", ADDS + OUTLIERS),
            Map.entry("breadcrumbs_ties", ELECTS + OUTLIERS),
            Map.entry("della", ELECTS + ", over the sum of their w_k" + RANKED),
            Map.entry("della_linear", ADDS + RANKED),
            Map.entry(
                    "sce",
                    "b + (sum of v_k m d_k over the models with the elected sign) / (sum of their v_k), v_k the mean of (m d_k)^2; m is 1"
                            + " for the share select_topk of the elements whose d_k vary most, else 0"),
            Map.entry("nearswap", "b + min(1, t / |x - b|) (x - b)"),
            Map.entry(
                    "arcee_fusion",
                    "b + d where |d| p is above its median + 1.5 interquartile ranges, p the divergence of the row's softmax; else b"),
            Map.entry("ram", "b + the mean of those d_k with |d_k| > epsilon"),
            Map.entry(
                    "ramplus_tl",
                    "as ram; a d_k that is alone above epsilon is multiplied by 1 + r min(shared / unique, alpha), by model"),
            Map.entry("add_difference", "x_1 + weight (x_2 - b)"),
            Map.entry("elected_maximum", "b + lambda d, d the largest of the d_k with the sign of their sum"),
            Map.entry("median", "the median of x_1 to x_N"),
            Map.entry("trimmed_mean", "the mean of x_1 to x_N without the trim least and the trim greatest"),
            Map.entry("geometric_median", "the vector with the least sum of distances to all x_k"));

    private MethodFormulas() {}

    /** That of a method of this name; null for others. */
    static String of(String method) {
        return ALL.get(method);
    }
}
