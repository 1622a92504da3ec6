package dev.stockpot.merge;

import java.util.List;

/** Receives what methods found out while they merged. */
@FunctionalInterface
public interface FactListener {
    /**
     * A tensor's facts are known. Called once for each tensor that has some, one call at a time, on any thread of the run, in
     * an order that may differ from run to run; also in a run that fails later. What it throws stops the run.
     *
     * @param tensor its name in the output
     * @param facts at least one
     */
    void found(String tensor, List<Fact> facts);
}
