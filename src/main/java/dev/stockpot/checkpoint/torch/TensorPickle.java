package dev.stockpot.checkpoint.torch;

import dev.stockpot.checkpoint.torch.pickle.PickleWriter;
import dev.stockpot.checkpoint.torch.pickle.TorchType;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.TensorSpec;
import dev.stockpot.text.Printable;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.List;

/**
 * Pickles a tensor as PyTorch does: a call that rebuilds it over a storage ({@code torch/_tensor.py},
 * {@code Tensor._reduce_ex_internal}; {@code torch/nn/parameter.py}; {@code torch/serialization.py},
 * {@code persistent_id}). {@code torch/_weights_only_unpickler.py} allows every name that occurs here.
 */
final class TensorPickle {
    private final Path file;
    private final PickleWriter pickle;

    /**
     * Writes tensors with {@code pickle}.
     *
     * @param file the file that the pickle is for, named in errors
     */
    TensorPickle(Path file, PickleWriter pickle) {
        this.file = file;
        this.pickle = pickle;
    }

    /**
     * A parameter over the whole of a storage.
     *
     * @throws CheckpointException if PyTorch has no such type
     */
    void parameter(TensorSpec tensor, String key, boolean requiresGrad) throws CharacterCodingException {
        pickle.global("torch._utils", "_rebuild_parameter");
        pickle.mark();
        tensor(tensor, key, false);
        pickle.bool(requiresGrad);
        noHooks();
        pickle.tuple();
        pickle.reduce();
    }

    /**
     * A tensor over the whole of a storage.
     *
     * @param key of the storage
     * @throws CheckpointException if PyTorch has no such type
     */
    void tensor(TensorSpec tensor, String key, boolean requiresGrad) throws CharacterCodingException {
        TorchType type = TorchType.of(tensor.dtype());
        if (type == null) {
            throw new CheckpointException(
                    Reason.UNSUPPORTED,
                    file,
                    "cannot hold the tensor " + Printable.name(tensor.name()) + ": " + tensor.dtype()
                            + " is not read from a PyTorch file, nor written to one",
                    Details.of().tensor(tensor.name()).hint("name the output something.safetensors"));
        }
        boolean typed = type.storage() != null;
        pickle.global("torch._utils", typed ? "_rebuild_tensor_v2" : "_rebuild_tensor_v3");
        pickle.mark();
        storage(tensor, type, key);
        pickle.integer(0);
        pickle.integers(tensor.shape());
        pickle.integers(strides(tensor));
        pickle.bool(requiresGrad);
        noHooks();
        if (!typed) {
            pickle.global("torch", type.names().get(0));
        }
        pickle.tuple();
        pickle.reduce();
    }

    /** Backward hooks: PyTorch always writes none. */
    private void noHooks() {
        pickle.global("collections", "OrderedDict");
        pickle.emptyTuple();
        pickle.reduce();
    }

    /** A typed storage is measured in elements, an untyped one in bytes. */
    private void storage(TensorSpec tensor, TorchType type, String key) throws CharacterCodingException {
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

    /** Row-major, in elements; as in PyTorch, a size of 0 counts as 1. */
    private List<Long> strides(TensorSpec tensor) {
        Long[] strides = new Long[tensor.shape().size()];
        long step = 1;
        try {
            for (int d = strides.length - 1; d >= 0; d--) {
                strides[d] = step;
                step = Math.multiplyExact(step, Math.max(1, tensor.shape().get(d)));
            }
        } catch (ArithmeticException e) {
            throw new CheckpointException(
                    Reason.UNSUPPORTED,
                    file,
                    "cannot hold the tensor " + Printable.name(tensor.name()) + ": its shape is too large",
                    Details.of().tensor(tensor.name()).cause(e));
        }
        return List.of(strides);
    }
}
