package dev.stockpot.error;

/** An evaluator that cannot be started, or that gave no score: it failed, took too long, or answered nonsense. */
public final class EvaluationException extends StockpotException {
    private static final long serialVersionUID = 2L;

    /** {@code message} is a sentence that names what it is about. */
    public EvaluationException(Reason reason, String message) {
        this(reason, message, Details.of());
    }

    /** As above, with what else is known. */
    public EvaluationException(Reason reason, String message, Details details) {
        super(reason, message, details);
    }
}
