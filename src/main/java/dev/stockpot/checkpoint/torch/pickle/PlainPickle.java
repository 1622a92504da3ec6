package dev.stockpot.checkpoint.torch.pickle;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;

/** Pickles values that hold no others: numbers, texts, bytes, None, devices, dtypes and other names. */
public final class PlainPickle {
    private final Path file;
    private final PickleWriter pickle;

    /**
     * Writes values with {@code pickle}.
     *
     * @param file the file that the pickle is for, named in errors
     */
    public PlainPickle(Path file, PickleWriter pickle) {
        this.file = file;
        this.pickle = pickle;
    }

    /** Whether {@code value} is one of these. */
    public static boolean isPlain(Value value) {
        return value instanceof Value.None
                || value instanceof Value.Bool
                || value instanceof Value.Int
                || value instanceof Value.BigInt
                || value instanceof Value.Real
                || value instanceof Value.Text
                || value instanceof Value.Bytes
                || value instanceof Value.Device
                || (value instanceof Value.Global global && DataObjects.isNamed(global));
    }

    /** Writes a class or function by name; one within a class, as protocol 2 does, as an attribute of it. */
    public void name(Value.Global global) throws CharacterCodingException {
        String[] parts = global.name().split("\\.");
        for (int k = 1; k < parts.length; k++) {
            pickle.global("builtins", "getattr");
            pickle.mark();
        }
        pickle.global(global.module(), parts[0]);
        for (int k = 1; k < parts.length; k++) {
            pickle.text(parts[k]);
            pickle.tuple();
            pickle.reduce();
        }
    }

    /**
     * Writes one value.
     *
     * @throws CheckpointException if it is of another kind
     */
    public void write(Value value) throws CharacterCodingException {
        if (value instanceof Value.None) {
            pickle.none();
        } else if (value instanceof Value.Bool bool) {
            pickle.bool(bool.value());
        } else if (value instanceof Value.Int number) {
            pickle.integer(number.value());
        } else if (value instanceof Value.BigInt number) {
            pickle.integer(number.value());
        } else if (value instanceof Value.Real number) {
            pickle.real(number.value());
        } else if (value instanceof Value.Text text) {
            pickle.text(text.value());
        } else if (value instanceof Value.Bytes bytes) {
            pickle.bytes(bytes.value());
        } else if (value instanceof Value.Device device) {
            pickle.global("torch", "device");
            pickle.text(device.name());
            pickle.tupleOfOne();
            pickle.reduce();
        } else if (value instanceof Value.Global global && DataObjects.isNamed(global)) {
            name(global);
        } else {
            throw new CheckpointException(Reason.UNSUPPORTED, file, "cannot hold a value that was not read");
        }
    }
}
