package dev.stockpot.jmh;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Counts the bytes read, so that a result also shows 10^9 bytes per second. */
@AuxCounters(AuxCounters.Type.OPERATIONS)
@State(Scope.Thread)
public class MovedBytes {
    /** 10^9 bytes. */
    public double gigabytes;

    void add(long bytes) {
        gigabytes += bytes * 1e-9;
    }
}
