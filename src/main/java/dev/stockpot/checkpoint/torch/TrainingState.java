package dev.stockpot.checkpoint.torch;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Tells by their names what training keeps beside a model's weights: states of optimizers, schedules, random generators. */
final class TrainingState {
    /** How the names of what holds such states begin. */
    private static final List<String> HOLDERS = List.of(
            "optim",
            "opt_state",
            "lr_sched",
            "scheduler",
            "callback",
            "scaler",
            "grad_scaler",
            "amp_scaler",
            "rng",
            "loops");

    /** What optimizers of PyTorch keep for each parameter. */
    private static final Set<String> OF_PARAMETERS = Set.of(
            "exp_avg",
            "exp_avg_sq",
            "max_exp_avg_sq",
            "exp_inf",
            "momentum_buffer",
            "square_avg",
            "grad_avg",
            "acc_delta",
            "fp32_master",
            "master_param");

    private TrainingState() {}

    /** Whether a tensor or mapping of that dotted name is one, or within one. */
    static boolean is(String name) {
        int from = 0;
        while (from <= name.length()) {
            int dot = name.indexOf('.', from);
            int end = dot < 0 ? name.length() : dot;
            if (isPart(name.substring(from, end))) {
                return true;
            }
            from = end + 1;
        }
        return false;
    }

    private static boolean isPart(String part) {
        String lower = part.toLowerCase(Locale.ROOT);
        if (OF_PARAMETERS.contains(lower) || lower.endsWith("rng_state") || lower.contains("optim")) {
            return true;
        }
        for (String holder : HOLDERS) {
            if (lower.startsWith(holder)) {
                return true;
            }
        }
        return false;
    }
}
