package dev.stockpot.engine;

/** What a pass does with some elements: make the output's, or reduce them to a few numbers first. */
public sealed interface Task permits Stretch, Reduce {
    /** The elements that it reads. */
    SourceSpans sources();
}
