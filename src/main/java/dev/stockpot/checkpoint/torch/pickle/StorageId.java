package dev.stockpot.checkpoint.torch.pickle;

import dev.stockpot.checkpoint.torch.pickle.Value.Global;
import dev.stockpot.checkpoint.torch.pickle.Value.Int;
import dev.stockpot.checkpoint.torch.pickle.Value.Sequence;
import dev.stockpot.checkpoint.torch.pickle.Value.Text;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.text.Printable;
import java.nio.file.Path;
import java.util.List;

/**
 * A storage's persistent id: {@code ("storage", class, key, location, elements)}, and in the legacy format a view
 * {@code (key, first element, elements)} or None after these (PyTorch, {@code torch/serialization.py}).
 */
final class StorageId {
    /** A key names a record of the file; longer ones, compared again and again, would take any time. */
    private static final int LONGEST_KEY = 4096;

    private StorageId() {}

    /**
     * The storage that an id describes.
     *
     * @throws CheckpointException if it is not the id of a storage
     */
    static Value.Storage parse(Path file, List<Value> id) {
        boolean shaped = id.size() >= 5
                && id.get(1) instanceof Global
                && id.get(2) instanceof Text
                && id.get(3) instanceof Text
                && id.get(4) instanceof Int;
        if (!shaped) {
            throw new CheckpointException(
                    Reason.DAMAGED, file, "its pickle describes a storage in a way that PyTorch does not");
        }
        String key = ((Text) id.get(2)).value();
        if (key.length() > LONGEST_KEY) {
            throw new CheckpointException(
                    Reason.DAMAGED,
                    file,
                    "its pickle names a storage by " + key.length() + " characters, more than " + LONGEST_KEY);
        }
        long elements = ((Int) id.get(4)).value();
        long first = 0;
        if (id.size() > 5 && id.get(5) instanceof Sequence view) {
            List<Value> parts = view.items();
            boolean viewed = parts.size() == 3 && parts.get(1) instanceof Int && parts.get(2) instanceof Int;
            if (!viewed) {
                throw new CheckpointException(
                        Reason.DAMAGED,
                        file,
                        "its pickle describes a view of the storage " + Printable.name(key) + " wrongly");
            }
            first = ((Int) parts.get(1)).value();
            elements = ((Int) parts.get(2)).value();
        }
        if (elements < 0 || first < 0) {
            throw new CheckpointException(
                    Reason.DAMAGED, file, "its storage " + Printable.name(key) + " has a negative size");
        }
        TorchType type = TorchType.ofStorage((Global) id.get(1));
        boolean meta = ((Text) id.get(3)).value().startsWith("meta");
        String why = meta ? "a tensor without values (meta)" : type.unsupported();
        return new Value.Storage(key, type.dtype(), type.width(), elements, first, why);
    }
}
