/**
 * Arrays of NumPy: {@code .npy} files and {@code .npz} archives of them, as JAX's checkpoints and {@code numpy.savez} are.
 * Stored members are read in place; compressed ones, and arrays in Fortran's or the other byte order, through a copy.
 * Arrays of Python objects are pickles, and are refused.
 *
 * <p>What may enter: another type of elements, another place where JAX's code keeps weights.
 */
package dev.stockpot.checkpoint.numpy;
