package dev.stockpot.engine;

/** How an output tensor is made of its sources: by an operation, or by one that numbers about all of its elements decide. */
public sealed interface Way permits Operation, Measured, Later {}
