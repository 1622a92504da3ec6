package dev.stockpot.checkpoint.torch;

import dev.stockpot.checkpoint.torch.pickle.PickleWriter;
import dev.stockpot.checkpoint.torch.pickle.PlainPickle;
import dev.stockpot.checkpoint.torch.pickle.Value;
import dev.stockpot.checkpoint.torch.pickle.Value.Dict;
import dev.stockpot.checkpoint.torch.pickle.Value.Made;
import dev.stockpot.checkpoint.torch.pickle.Value.Sequence;
import dev.stockpot.checkpoint.torch.pickle.Value.Tensor;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.TensorSpec;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * Pickles a structure that was read, with other tensors in it: containers of the same kinds in the same order, and an
 * object that occurs at several places stays one object.
 */
final class StructurePickle {
    /** How many items Python's own writer sets at a time. */
    private static final int BATCH = 1000;

    private final Path file;
    private final StructureScan scan;
    private final Map<Value, String> weights;
    private final BiFunction<Tensor, Place, TensorSpec> replacement;
    private final PickleWriter pickle = new PickleWriter();
    private final TensorPickle tensorPickle;
    private final PlainPickle plain;
    private final Map<TensorSpec, Integer> keys = new HashMap<>();
    private final List<TensorSpec> storages = new ArrayList<>();
    private final Set<Value> open = Collections.newSetFromMap(new IdentityHashMap<>());
    /** Where among the weights the current value is; null outside of them. */
    private Place place;

    private StructurePickle(
            Path file,
            StructureScan scan,
            Map<Value, String> weights,
            BiFunction<Tensor, Place, TensorSpec> replacement) {
        this.file = file;
        this.scan = scan;
        this.weights = weights;
        this.replacement = replacement;
        this.tensorPickle = new TensorPickle(file, pickle);
        this.plain = new PlainPickle(file, pickle);
    }

    /**
     * A pickle and what its storages hold: the storage of tensor number k has the key k.
     *
     * @param bytes of the pickle
     * @param storages the tensors, each the whole of a storage
     */
    record Written(byte[] bytes, List<TensorSpec> storages) {}

    /**
     * The pickle of {@code root}.
     *
     * @param file the file that it is for, named in errors
     * @param scan of the same root
     * @param weights mappings within it, each with what marks its names
     * @param replacement what replaces a tensor, given its place among the weights, or null outside of them; tensors with
     *     the same replacement share a storage
     * @throws CheckpointException if something in it cannot be written
     */
    static Written of(
            Path file,
            Value root,
            StructureScan scan,
            Map<Value, String> weights,
            BiFunction<Tensor, Place, TensorSpec> replacement) {
        StructurePickle writer = new StructurePickle(file, scan, weights, replacement);
        try {
            writer.write(root);
        } catch (CharacterCodingException e) {
            throw new CheckpointException(
                    Reason.UNSUPPORTED,
                    file,
                    "cannot hold a text that is not valid Unicode",
                    Details.of().cause(e));
        }
        return new Written(writer.pickle.finish(), List.copyOf(writer.storages));
    }

    private void write(Value read) throws CharacterCodingException {
        Value value = StructureScan.written(read);
        if (value instanceof Tensor tensor) {
            TensorSpec spec = replacement.apply(tensor, place);
            Occurrence occurrence = new Occurrence(tensor, spec.name());
            if (!recalled(occurrence)) {
                tensor(tensor, spec);
                remember(occurrence);
            }
        } else if (value instanceof Dict || value instanceof Sequence || value instanceof Made) {
            Occurrence occurrence = new Occurrence(value, null);
            if (!recalled(occurrence)) {
                Place outer = place;
                String mark = weights.get(value);
                place = mark != null ? new Place("", mark) : place;
                compound(value, occurrence);
                place = outer;
            }
        } else {
            plain.write(value);
        }
    }

    private void compound(Value value, Occurrence occurrence) throws CharacterCodingException {
        if (value instanceof Dict dict) {
            dict(dict, occurrence);
        } else if (value instanceof Made made) {
            object(made, occurrence);
        } else {
            sequence((Sequence) value, occurrence);
        }
    }

    /** Writes the value under a key or a number of the current container. */
    private void writeUnder(String key, Value value) throws CharacterCodingException {
        Place outer = place;
        place = outer == null ? null : outer.under(key);
        write(value);
        place = outer;
    }

    /** An object, as the pickle that was read makes it. */
    private void object(Made made, Occurrence occurrence) throws CharacterCodingException {
        enter(made);
        write(made.call().callee());
        write(made.call().arguments());
        pickle.make(made.call().isNew());
        open.remove(made);
        remember(occurrence);
        append(made.items());
        entries(made);
        if (made.state() != null) {
            write(made.state());
            pickle.build();
        }
    }

    private void entries(Made made) throws CharacterCodingException {
        List<Value> entries = made.entries();
        for (int k = 0; k < entries.size(); k += 2) {
            pickle.mark();
            write(entries.get(k));
            writeUnder(StructureScan.name(entries.get(k)), entries.get(k + 1));
            pickle.setItems();
        }
    }

    private boolean recalled(Occurrence occurrence) {
        return scan.isShared(occurrence.value()) && pickle.recall(occurrence);
    }

    private void remember(Occurrence occurrence) {
        if (scan.isShared(occurrence.value())) {
            pickle.remember(occurrence);
        }
    }

    private void tensor(Tensor tensor, TensorSpec spec) throws CharacterCodingException {
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

    private void sequence(Sequence sequence, Occurrence occurrence) throws CharacterCodingException {
        switch (sequence.kind()) {
            case LIST -> {
                pickle.emptyList();
                remember(occurrence);
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
            remember(occurrence);
        }
    }

    /** A container that is complete only once its items are cannot be one of them. */
    private void enter(Value value) {
        if (!open.add(value)) {
            throw new CheckpointException(
                    Reason.UNSUPPORTED, file, "cannot hold a tuple, set, Counter or object that is made of itself");
        }
    }

    private void tuple(List<Value> items) throws CharacterCodingException {
        if (items.isEmpty()) {
            pickle.emptyTuple();
            return;
        }
        pickle.mark();
        for (int k = 0; k < items.size(); k++) {
            writeUnder(Integer.toString(k), items.get(k));
        }
        pickle.tuple();
    }

    private void append(List<Value> items) throws CharacterCodingException {
        for (int k = 0; k < items.size(); k++) {
            if (k % BATCH == 0) {
                pickle.mark();
            }
            writeUnder(Integer.toString(k), items.get(k));
            if ((k + 1) % BATCH == 0 || k + 1 == items.size()) {
                pickle.append();
            }
        }
    }

    private void dict(Dict dict, Occurrence occurrence) throws CharacterCodingException {
        if (dict.kind() == Dict.Kind.COUNTER) {
            enter(dict);
            pickle.global("collections", "Counter");
            pickle.emptyDict();
            entries(dict);
            pickle.tupleOfOne();
            pickle.reduce();
            open.remove(dict);
            remember(occurrence);
            return;
        }
        if (dict.kind() == Dict.Kind.ORDERED) {
            pickle.global("collections", "OrderedDict");
            pickle.emptyTuple();
            pickle.reduce();
        } else if (dict.factory() != null) {
            pickle.global("collections", "defaultdict");
            plain.write(dict.factory());
            pickle.tupleOfOne();
            pickle.reduce();
        } else {
            pickle.emptyDict();
        }
        remember(occurrence);
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
                writeUnder(StructureScan.name(dict.key(k)), dict.value(k));
                pending++;
            }
            if (pending == BATCH || (pending > 0 && k + 1 == dict.size())) {
                pickle.setItems();
                pending = 0;
            }
        }
    }
}
