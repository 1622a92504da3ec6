package dev.stockpot.checkpoint.torch;

import dev.stockpot.checkpoint.TensorSpec;
import dev.stockpot.checkpoint.torch.Value.Dict;
import dev.stockpot.checkpoint.torch.Value.Sequence;
import dev.stockpot.checkpoint.torch.Value.Tensor;
import dev.stockpot.error.CheckpointException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Pickles a structure that was read, with other tensors in it: containers of the same kinds in the same order, and what is
 * one object at several places again one.
 */
final class StructurePickle {
    /** Items that Python's own writer sets at a time. */
    private static final int BATCH = 1000;

    private final Path file;
    private final StructureScan scan;
    private final Function<Tensor, TensorSpec> replacement;
    private final PickleWriter pickle = new PickleWriter();
    private final TensorPickle tensorPickle;
    private final Map<TensorSpec, Integer> keys = new HashMap<>();
    private final List<TensorSpec> storages = new ArrayList<>();
    private final Set<Value> open = Collections.newSetFromMap(new IdentityHashMap<>());

    private StructurePickle(Path file, StructureScan scan, Function<Tensor, TensorSpec> replacement) {
        this.file = file;
        this.scan = scan;
        this.replacement = replacement;
        this.tensorPickle = new TensorPickle(file, pickle);
    }

    /**
     * A pickle and what its storages hold: the storage of the tensor number k has the key k.
     *
     * @param bytes of the pickle
     * @param storages tensors, each the whole of a storage
     */
    record Written(byte[] bytes, List<TensorSpec> storages) {}

    /**
     * The pickle of {@code root}.
     *
     * @param file that it is for, named in errors
     * @param scan of the same root
     * @param replacement what stands for a tensor; tensors of one replacement share a storage
     * @throws CheckpointException where something in it cannot be written
     */
    static Written of(Path file, Value root, StructureScan scan, Function<Tensor, TensorSpec> replacement) {
        StructurePickle writer = new StructurePickle(file, scan, replacement);
        try {
            writer.write(root);
        } catch (CharacterCodingException e) {
            throw new CheckpointException(file, "cannot hold a text that is no Unicode text", null, e);
        }
        return new Written(writer.pickle.finish(), List.copyOf(writer.storages));
    }

    private void write(Value value) throws CharacterCodingException {
        if (value instanceof Dict || value instanceof Sequence || value instanceof Tensor) {
            Object identity = new Identity(value);
            if (scan.isShared(value) && pickle.recall(identity)) {
                return;
            }
            if (value instanceof Dict dict) {
                dict(dict, identity);
            } else if (value instanceof Sequence sequence) {
                sequence(sequence, identity);
            } else {
                tensor((Tensor) value);
                remember(value, identity);
            }
        } else {
            atom(value);
        }
    }

    /** An object as itself, whatever it equals. */
    private record Identity(Value value) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Identity identity && identity.value == value;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(value);
        }
    }

    private void remember(Value value, Object identity) {
        if (scan.isShared(value)) {
            pickle.remember(identity);
        }
    }

    private void atom(Value value) throws CharacterCodingException {
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
        } else if (value instanceof Value.Global global && TorchType.isDtype(global)) {
            pickle.global(global.module(), global.name());
        } else {
            throw new CheckpointException(file, "cannot hold a value that was not read");
        }
    }

    private void tensor(Tensor tensor) throws CharacterCodingException {
        TensorSpec spec = replacement.apply(tensor);
        Integer key = keys.putIfAbsent(spec, storages.size());
        if (key == null) {
            key = storages.size();
            storages.add(spec);
        }
        if (tensor.parameter()) {
            tensorPickle.parameter(spec, Integer.toString(key), tensor.requiresGrad());
        } else {
            tensorPickle.tensor(spec, Integer.toString(key), tensor.requiresGrad());
        }
    }

    private void sequence(Sequence sequence, Object identity) throws CharacterCodingException {
        switch (sequence.kind()) {
            case LIST -> {
                pickle.emptyList();
                remember(sequence, identity);
                append(sequence.items());
            }
            case TUPLE -> {
                enter(sequence);
                tuple(sequence.items());
            }
            case SIZE -> {
                enter(sequence);
                pickle.global("torch", "Size");
                tuple(sequence.items());
                pickle.tupleOfOne();
                pickle.reduce();
            }
            case SET -> {
                enter(sequence);
                pickle.global("builtins", "set");
                pickle.emptyList();
                append(sequence.items());
                pickle.tupleOfOne();
                pickle.reduce();
            }
        }
        if (open.remove(sequence)) {
            remember(sequence, identity);
        }
    }

    /** What is made whole from its items cannot be among them. */
    private void enter(Value value) {
        if (!open.add(value)) {
            throw new CheckpointException(file, "cannot hold a tuple, set or Counter that holds itself");
        }
    }

    private void tuple(List<Value> items) throws CharacterCodingException {
        if (items.isEmpty()) {
            pickle.emptyTuple();
            return;
        }
        pickle.mark();
        for (Value item : items) {
            write(item);
        }
        pickle.tuple();
    }

    private void append(List<Value> items) throws CharacterCodingException {
        for (int k = 0; k < items.size(); k++) {
            if (k % BATCH == 0) {
                pickle.mark();
            }
            write(items.get(k));
            if ((k + 1) % BATCH == 0 || k + 1 == items.size()) {
                pickle.append();
            }
        }
    }

    private void dict(Dict dict, Object identity) throws CharacterCodingException {
        if (dict.kind() == Dict.Kind.COUNTER) {
            enter(dict);
            pickle.global("collections", "Counter");
            pickle.emptyDict();
            entries(dict);
            pickle.tupleOfOne();
            pickle.reduce();
            open.remove(dict);
            remember(dict, identity);
            return;
        }
        if (dict.kind() == Dict.Kind.ORDERED) {
            pickle.global("collections", "OrderedDict");
            pickle.emptyTuple();
            pickle.reduce();
        } else {
            pickle.emptyDict();
        }
        remember(dict, identity);
        entries(dict);
        if (dict.kind() == Dict.Kind.ORDERED && dict.attributes() instanceof Dict attributes) {
            write(attributes);
            pickle.build();
        }
    }

    private void entries(Dict dict) throws CharacterCodingException {
        int pending = 0;
        for (int k = 0; k < dict.size(); k++) {
            if (scan.keeps(dict.key(k), dict.value(k))) {
                if (pending == 0) {
                    pickle.mark();
                }
                write(dict.key(k));
                write(dict.value(k));
                pending++;
            }
            if (pending == BATCH || (pending > 0 && k + 1 == dict.size())) {
                pickle.setItems();
                pending = 0;
            }
        }
    }
}
