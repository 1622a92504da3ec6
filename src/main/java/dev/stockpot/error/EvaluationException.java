package dev.stockpot.error;

/** An evaluator that cannot be started, or that returned no score: it failed, took too long, or returned nonsense. */
public final class EvaluationException extends StockpotException {
    private static final long serialVersionUID = 2L;

    /** {@code message} is a sentence that names its subject. */
    public EvaluationException(Reason reason, String message) {
        this(reason, message, Details.of());
    }

    /** As above, with details. */
    public EvaluationException(Reason reason, String message, Details details) {
        super(reason, message, details);
    }
}
