package dev.stockpot.engine;

/** What a pass does with some elements: make an output's elements from them, or reduce them to a few numbers first. */
public sealed interface Task permits Stretch, Reduce {
    /** The elements that it reads. */
    SourceSpans sources();

    /** What a thread needs for it, and for what may follow it. */
    Needs needs();
}
