package dev.stockpot.error;

/** An evaluator that cannot be started, or that gave no score: it failed, took too long, or answered nonsense. */
public final class EvaluationException extends StockpotException {
    private static final long serialVersionUID = 1L;

    /** {@code message} names the candidate and shows what came back. */
    public EvaluationException(String message) {
        this(message, null, null);
    }

    /** As above with a hint and a cause, either of which may be null. */
    public EvaluationException(String message, String hint, Throwable cause) {
        super(message, hint, cause);
    }
}
