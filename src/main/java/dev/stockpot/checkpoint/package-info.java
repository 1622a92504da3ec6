/** Checkpoints and their formats, read in place: where tensors lie, never their values. Depends on nothing else here. */
package dev.stockpot.checkpoint;
