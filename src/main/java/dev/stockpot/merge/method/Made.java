package dev.stockpot.merge.method;

import dev.stockpot.engine.Combination;
import dev.stockpot.merge.Step;

/** Makes a tensor's elements in a way that is no formula. */
record Made(Combination how) implements Step {}
