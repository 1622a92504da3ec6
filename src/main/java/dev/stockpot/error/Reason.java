package dev.stockpot.error;

/**
 * Why a run cannot go on, for programs: what to do about it depends on this, not on a message's words. Later versions may
 * add reasons.
 */
public enum Reason {
    /** There is no such file or folder, or nothing of the kind in it. */
    NOT_FOUND,
    /** Reading it is not permitted, or the disk or the server fails. */
    UNREADABLE,
    /** It was written to, truncated or removed while it was in use. */
    CHANGED,
    /** It is not in a format that can be read, or its name is that of one that cannot be written. */
    UNKNOWN_FORMAT,
    /** It contradicts its format or itself: truncated, overwritten, or written that way. */
    DAMAGED,
    /** It is intact, but holds something that cannot be read, or that its format cannot hold. */
    UNSUPPORTED,
    /** It is an archive of code, which is never run; {@link StockpotException#choices} has its keys. */
    IS_CODE,
    /** There are several checkpoints instead of one. */
    SEVERAL_FILES,
    /** A file holds several mappings of names to tensors; {@link StockpotException#choices} has their keys. */
    SEVERAL_MAPPINGS,
    /** There are no tensors under the given key; {@link StockpotException#choices} has the keys that exist. */
    NO_SUCH_KEY,
    /** Several keys were given whose mappings have tensors of the same names; {@link StockpotException#choices} has them. */
    SAME_NAMES,
    /** A key was given for a format that has none. */
    NO_KEYS,
    /** No name begins with the prefix to strip. */
    NO_SUCH_PREFIX,
    /** Two tensors would get the same name. */
    NAMES_COLLIDE,
    /** There is no tensor of that name. */
    NO_SUCH_TENSOR,

    /** The output exists, and replacing it was not requested. */
    EXISTS,
    /** The output exists and is of a kind that is never replaced. */
    NOT_REPLACED,
    /** The output is also an input. */
    IS_INPUT,
    /** Writing it is not permitted, or the disk fails. */
    UNWRITABLE,
    /** The disk has too little room: {@code needed} and {@code free} in bytes. */
    NO_ROOM,
    /** There is too little room for scratch files: {@code needed} in bytes. */
    NO_SCRATCH_ROOM,
    /** There is too little memory. */
    NO_MEMORY,
    /** The output cannot have the structure of the file that it should be like: the tensors differ. */
    NOT_ALIKE,
    /** Parts of an output are missing, cut short, or of different outputs. */
    PARTS,
    /** The output and the file that it should be like are of different formats. */
    NOT_ALIKE_FORMAT,
    /** The output is of a format that is written like another file only, and there is none. */
    NO_TEMPLATE,

    /** What is in a journal's place is none, or of another version. */
    JOURNAL_OF_OTHER,
    /** A journal is in use by another run. */
    JOURNAL_IN_USE,
    /** A journal has a line that is not valid. */
    JOURNAL_DAMAGED,

    /** There are no ingredients. */
    NO_INGREDIENTS,
    /**
     * The models have different tensors: {@code common} of {@code names} are the same. {@link StockpotException#choices} has
     * what can help, each one word and its object: {@code skip} or {@code keep} such tensors, {@code strip PREFIX}, {@code
     * rename REGEX=REPLACEMENT}.
     */
    NAMES_DIFFER,
    /** The models have no tensor in common. */
    NOTHING_IN_COMMON,
    /**
     * A tensor has different shapes. {@link StockpotException#choices} may have a regular expression for the tensors that do,
     * and another for those that differ in their first size alone.
     */
    SHAPES_DIFFER,
    /** A tensor has types that cannot be mixed; {@link StockpotException#choices} may have a regular expression for such ones. */
    TYPES_DIFFER,
    /**
     * A tensor is of a type that cannot be averaged, and its values differ; {@link StockpotException#choices} may have a
     * regular expression for such ones.
     */
    NOT_AVERAGED,
    /**
     * The output would be no model worth having; {@link StockpotException#choices} has the names of the concerns to allow.
     */
    CONCERN,
    /** The weights are not one finite number per ingredient. */
    WEIGHTS,
    /** The weights have a {@code sum} that cannot be divided by. */
    ZERO_WEIGHTS,
    /** A recipe has a mistake; the message has its line and column. */
    RECIPE,
    /** A merge method cannot be used so: a parameter, the number of models, or the base is wrong. */
    METHOD,
    /** A model that a recipe names is nowhere; {@link StockpotException#choices} has the places that were looked at. */
    NO_MODEL,
    /** Options do not go together. */
    WRONG_CHOICE,
    /** The coefficients to start from do not fit the soup. */
    COEFFICIENTS,
    /** There are more {@code coefficients} than a search by score can distinguish. */
    TOO_MANY_COEFFICIENTS,
    /** A loss or gradient is not finite. */
    DIVERGED,
    /** An ingredient's score is missing from a table, or is not a finite number. */
    NO_SCORE,

    /** A specification does not name an evaluator. */
    UNKNOWN_EVALUATOR,
    /** An evaluator's command line cannot be used. */
    COMMAND_LINE,
    /** An evaluator's program cannot be started. */
    NOT_STARTED,
    /** An evaluator failed on a candidate, or returned nonsense. */
    FAILED,
    /** An evaluation took longer than allowed. */
    TIMED_OUT,
    /** An evaluator did not return the metric that decides. */
    NO_METRIC,
    /** Whether a higher or a lower value of the metric that decides is better is not known. */
    NO_DIRECTION,
    /** An evaluator returned no loss. */
    NO_LOSS,
    /** An evaluator returns no gradient, or none that fits. */
    NO_GRADIENT,
    /** A score is not a finite number. */
    NOT_FINITE,
    /** The held-out set is missing, or is not one. */
    NO_DATA,
    /** The held-out set has too few examples. */
    TOO_FEW_EXAMPLES,
    /** A TorchScript module or an ONNX model cannot be used, or does not fit the candidate. */
    MODULE,
    /** An evaluator wrote to a candidate that it should only read. */
    CANDIDATE_CHANGED,
    /** A library that is needed is missing. */
    NOT_INSTALLED,

    /** The processor does not have the instruction set, or there is none of that name. */
    INSTRUCTION_SET,
    /** There is no GPU of that number: the driver sees {@code devices}. */
    NO_DEVICE,
    /** There is no GPU driver, or it is too old. */
    NO_DRIVER,
    /** The GPU has too little memory for this. */
    DEVICE_MEMORY,
    /** The GPU is in use by another process. */
    DEVICE_BUSY,
    /** The GPU failed. */
    DEVICE_FAILED
}
