package dev.stockpot.error;

/**
 * Why a run cannot go on, for programs: what to do about it depends on this and not on a message's words. There may be more
 * with a later version.
 */
public enum Reason {
    /** There is no such file or folder, or nothing of the kind in it. */
    NOT_FOUND,
    /** It may not be read, or the disk or the server fails. */
    UNREADABLE,
    /** It was written to, became shorter or went away while it was in use. */
    CHANGED,
    /** It is of no format that is read. */
    UNKNOWN_FORMAT,
    /** It contradicts its format or itself: truncated, overwritten, or made so. */
    DAMAGED,
    /** It is whole, but holds what is not read, or what its format cannot hold. */
    UNSUPPORTED,
    /** It is an archive of code, of which nothing is run; {@link StockpotException#choices} has its keys. */
    IS_CODE,
    /** There are several checkpoints where one was named. */
    SEVERAL_FILES,
    /** A file holds several mappings of names to tensors; {@link StockpotException#choices} has their keys. */
    SEVERAL_MAPPINGS,
    /** There are no tensors under the key that was given; {@link StockpotException#choices} has those that there are. */
    NO_SUCH_KEY,
    /** A key was given for a format that has none. */
    NO_KEYS,
    /** Some names do not begin with the prefix that was to be taken off. */
    NO_SUCH_PREFIX,
    /** There is no tensor of that name. */
    NO_SUCH_TENSOR,

    /** The output exists and was not to be replaced. */
    EXISTS,
    /** The output exists and is nothing that is ever replaced. */
    NOT_REPLACED,
    /** The output is an input too. */
    IS_INPUT,
    /** It may not be written, or the disk fails. */
    UNWRITABLE,
    /** The disk has too little room: {@code needed} and {@code free} in bytes. */
    NO_ROOM,
    /** There is too little room for what is scored: {@code needed} in bytes. */
    NO_SCRATCH_ROOM,
    /** There is too little memory. */
    NO_MEMORY,
    /** The output cannot have the structure of the file that it should be like: other tensors. */
    NOT_ALIKE,
    /** The output, or the file that it should be like, is no PyTorch file. */
    NOT_ALIKE_FORMAT,

    /** A journal is of a search over other things. */
    JOURNAL_OF_OTHER,
    /** A journal is in use by another run. */
    JOURNAL_IN_USE,
    /** A journal has a line that is none of its own. */
    JOURNAL_DAMAGED,

    /** There are no ingredients. */
    NO_INGREDIENTS,
    /** The models have different tensors. */
    NAMES_DIFFER,
    /** A tensor has different shapes. */
    SHAPES_DIFFER,
    /** A tensor has types that cannot be mixed. */
    TYPES_DIFFER,
    /** A tensor is of a type that cannot be averaged. */
    NOT_AVERAGED,
    /** The weights are not one finite number an ingredient. */
    WEIGHTS,
    /** The weights sum to nothing that can be divided by: {@code sum}. */
    ZERO_WEIGHTS,
    /** Options do not go together. */
    WRONG_CHOICE,
    /** The coefficients to start from do not fit the soup. */
    COEFFICIENTS,
    /** There are more {@code coefficients} than a search by score can tell apart. */
    TOO_MANY_COEFFICIENTS,
    /** A loss or gradient is not finite. */
    DIVERGED,
    /** An ingredient's score is missing from a table, or is no finite number. */
    NO_SCORE,

    /** A specification names no evaluator. */
    UNKNOWN_EVALUATOR,
    /** An evaluator's command line cannot be used. */
    COMMAND_LINE,
    /** An evaluator's program cannot be started. */
    NOT_STARTED,
    /** An evaluator failed on a candidate, or answered nonsense. */
    FAILED,
    /** An evaluation took longer than it may. */
    TIMED_OUT,
    /** An evaluator gave no metric of the name that decides. */
    NO_METRIC,
    /** An evaluator gave no loss. */
    NO_LOSS,
    /** An evaluator gives no gradient, or none that fits. */
    NO_GRADIENT,
    /** A score is not a finite number. */
    NOT_FINITE,
    /** The held-out set is missing, or is none. */
    NO_DATA,
    /** A TorchScript module cannot be used, or does not fit the candidate. */
    MODULE,
    /** An evaluator wrote to a candidate that it should only read. */
    CANDIDATE_CHANGED,
    /** A library is missing that this needs. */
    NOT_INSTALLED,

    /** The processor does not have the instruction set, or there is none of the name. */
    INSTRUCTION_SET,
    /** There is no GPU of that number: the driver sees {@code devices}. */
    NO_DEVICE,
    /** There is no driver for a GPU, or an old one. */
    NO_DRIVER,
    /** The GPU has too little memory for this. */
    DEVICE_MEMORY,
    /** The GPU is taken by another process. */
    DEVICE_BUSY,
    /** The GPU failed. */
    DEVICE_FAILED
}
