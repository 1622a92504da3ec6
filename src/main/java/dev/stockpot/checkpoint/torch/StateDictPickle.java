package dev.stockpot.checkpoint.torch;

import dev.stockpot.checkpoint.TensorSpec;
import dev.stockpot.error.CheckpointException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.List;

/**
 * Pickles a state dict as PyTorch does: names, each with a call that rebuilds a tensor over a storage
 * ({@code torch/_tensor.py}, {@code Tensor._reduce_ex_internal}; {@code torch/serialization.py}, {@code persistent_id}).
 * {@code torch/_weights_only_unpickler.py} allows every name that occurs here. It is a plain dict, not the
 * {@code OrderedDict} of {@code Module.state_dict}: Python keeps the order of both, and libtorch's C++ reader knows plain
 * dicts only.
 */
final class StateDictPickle {
    /** Items that Python's own writer sets at a time. */
    private static final int BATCH = 1000;

    private StateDictPickle() {}

    /**
     * The pickle; the storage of the tensor number k has the key k.
     *
     * @param file that the pickle is for, named in errors
     * @throws CheckpointException where PyTorch has no such type, or a name is no text
     */
    static byte[] of(Path file, List<TensorSpec> tensors) {
        PickleWriter pickle = new PickleWriter();
        pickle.emptyDict();
        for (int k = 0; k < tensors.size(); k++) {
            if (k % BATCH == 0) {
                pickle.mark();
            }
            TensorSpec tensor = tensors.get(k);
            try {
                pickle.text(tensor.name());
                tensor(pickle, file, tensor, Integer.toString(k));
            } catch (CharacterCodingException e) {
                throw new CheckpointException(
                        file, "cannot hold the tensor " + tensor.name() + ": its name is no Unicode text", null, e);
            }
            if ((k + 1) % BATCH == 0 || k + 1 == tensors.size()) {
                pickle.setItems();
            }
        }
        return pickle.finish();
    }

    private static void tensor(PickleWriter pickle, Path file, TensorSpec tensor, String key)
            throws CharacterCodingException {
        TorchType type = TorchType.of(tensor.dtype());
        if (type == null) {
            throw new CheckpointException(
                    file,
                    "cannot hold the tensor " + tensor.name() + ": PyTorch has no type for " + tensor.dtype(),
                    "name the output something.safetensors",
                    null);
        }
        boolean typed = type.storage() != null;
        pickle.global("torch._utils", typed ? "_rebuild_tensor_v2" : "_rebuild_tensor_v3");
        pickle.mark();
        storage(pickle, tensor, type, key);
        pickle.integer(0);
        pickle.integers(tensor.shape());
        pickle.integers(strides(file, tensor));
        pickle.no();
        // Backward hooks, of which PyTorch always writes none.
        pickle.global("collections", "OrderedDict");
        pickle.emptyTuple();
        pickle.reduce();
        if (!typed) {
            pickle.global("torch", type.dtype());
        }
        pickle.tuple();
        pickle.reduce();
    }

    /** A typed storage is measured in elements, an untyped one in bytes. */
    private static void storage(PickleWriter pickle, TensorSpec tensor, TorchType type, String key)
            throws CharacterCodingException {
        pickle.mark();
        pickle.sharedText("storage");
        if (type.storage() != null) {
            pickle.global("torch", type.storage());
        } else {
            pickle.global("torch.storage", "UntypedStorage");
        }
        pickle.text(key);
        pickle.sharedText("cpu");
        pickle.integer(type.storage() != null ? tensor.elements() : tensor.bytes());
        pickle.tuple();
        pickle.persistentId();
    }

    /** Row-major, in elements; as PyTorch counts them, a size of 0 steps as one of 1 does. */
    private static List<Long> strides(Path file, TensorSpec tensor) {
        Long[] strides = new Long[tensor.shape().size()];
        long step = 1;
        try {
            for (int d = strides.length - 1; d >= 0; d--) {
                strides[d] = step;
                step = Math.multiplyExact(step, Math.max(1, tensor.shape().get(d)));
            }
        } catch (ArithmeticException e) {
            throw new CheckpointException(
                    file, "cannot hold the tensor " + tensor.name() + ": its shape is too large", null, e);
        }
        return List.of(strides);
    }
}
