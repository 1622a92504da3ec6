package dev.stockpot.checkpoint.torch;

import dev.stockpot.checkpoint.torch.pickle.PickleWriter;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.TensorSpec;
import dev.stockpot.text.Printable;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.List;

/**
 * Pickles a state dict: names, each with its tensor. It is a plain dict, not the {@code OrderedDict} of
 * {@code Module.state_dict}: Python keeps the order of both, and libtorch's C++ reader knows only plain dicts.
 */
final class StateDictPickle {
    /** How many items Python's own writer sets at a time. */
    private static final int BATCH = 1000;

    private StateDictPickle() {}

    /**
     * The pickle; the storage of tensor number k has the key k.
     *
     * @param file the file that the pickle is for, named in errors
     * @throws CheckpointException if PyTorch has no such type, or a name is not valid Unicode
     */
    static byte[] of(Path file, List<TensorSpec> tensors) {
        PickleWriter pickle = new PickleWriter();
        TensorPickle writer = new TensorPickle(file, pickle);
        pickle.emptyDict();
        for (int k = 0; k < tensors.size(); k++) {
            if (k % BATCH == 0) {
                pickle.mark();
            }
            TensorSpec tensor = tensors.get(k);
            try {
                pickle.text(tensor.name());
                writer.tensor(tensor, Integer.toString(k), false);
            } catch (CharacterCodingException e) {
                throw new CheckpointException(
                        Reason.UNSUPPORTED,
                        file,
                        "cannot hold the tensor " + Printable.name(tensor.name()) + ": its name is not valid Unicode",
                        Details.of().tensor(tensor.name()).cause(e));
            }
            if ((k + 1) % BATCH == 0 || k + 1 == tensors.size()) {
                pickle.setItems();
            }
        }
        return pickle.finish();
    }
}
