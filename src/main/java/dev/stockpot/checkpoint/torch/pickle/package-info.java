/**
 * Python's pickle (PEP 307, 3154; Lib/pickletools.py), read into values by a closed set of opcodes and an allow-list of
 * names, and written. {@link dev.stockpot.checkpoint.torch.pickle.Value} is what a pickle is read into; nothing is called,
 * nothing is imported. What may enter: another name that PyTorch's files use, and what it stands for.
 */
package dev.stockpot.checkpoint.torch.pickle;
