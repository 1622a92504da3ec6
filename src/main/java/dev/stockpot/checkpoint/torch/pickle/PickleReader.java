package dev.stockpot.checkpoint.torch.pickle;

import dev.stockpot.checkpoint.torch.pickle.Value.Bytes;
import dev.stockpot.checkpoint.torch.pickle.Value.Dict;
import dev.stockpot.checkpoint.torch.pickle.Value.Global;
import dev.stockpot.checkpoint.torch.pickle.Value.Opaque;
import dev.stockpot.checkpoint.torch.pickle.Value.Sequence;
import dev.stockpot.checkpoint.torch.pickle.Value.Text;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import java.io.EOFException;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.zip.ZipException;

/**
 * Reads one pickle of protocol 2 to 5 (the opcodes are those of Python's {@code pickletools}) as {@link Value}s. It is an
 * interpreter of a closed set of opcodes, none of which imports or calls anything: {@link Globals}, an allow-list, says what
 * the names in a pickle stand for. Nesting takes no Java stack, and every opcode takes time and memory in proportion to the
 * bytes it has read, so the cost of a pickle is bounded by its length.
 */
public final class PickleReader {
    private static final int HIGHEST_PROTOCOL = 5;
    /** An integer of more bytes is not a size, a stride or a seed. */
    private static final int LONGEST_INTEGER = 4096;
    /** Longer {@code bytes} are skipped: a replay buffer, an image. */
    private static final int LARGEST_BYTES = 1 << 20;

    private static final int LONGEST_NAME = 4096;

    private final Path file;
    private final PickleInput in;
    private final Globals globals;
    private final PickleStack stack = new PickleStack(this::wrong);

    private PickleReader(Path file, PickleInput in, Globals globals) {
        this.file = file;
        this.in = in;
        this.globals = globals;
    }

    /**
     * Reads up to the pickle's STOP, no further.
     *
     * @throws CheckpointException if it is damaged or not a pickle
     */
    public static Value read(Path file, PickleInput in, Globals globals) {
        PickleReader reader = new PickleReader(file, in, globals);
        try {
            return reader.run();
        } catch (EOFException e) {
            throw reader.wrong("ends too early: the file is truncated or damaged", e);
        } catch (CharacterCodingException e) {
            throw reader.wrong("holds text that is not UTF-8", e);
        } catch (ZipException e) {
            throw reader.wrong("has invalid compressed data: " + e.getMessage(), e);
        } catch (IOException e) {
            throw reader.wrong("cannot be read: " + e.getMessage(), e);
        }
    }

    private CheckpointException wrong(String what) {
        return wrong(what, null);
    }

    private CheckpointException wrong(String what, Exception cause) {
        return new CheckpointException(
                Reason.DAMAGED,
                file,
                "its pickle " + what + " (at byte " + in.position() + ")",
                Details.of().cause(cause));
    }

    private Value run() throws IOException {
        int first = in.u8();
        int protocol = first == 0x80 ? in.u8() : -1;
        if (protocol < 2 || protocol > HIGHEST_PROTOCOL) {
            throw wrong("is not of protocol 2 to " + HIGHEST_PROTOCOL);
        }
        for (int op = in.u8(); op != '.'; op = in.u8()) {
            step(op);
        }
        Value root = stack.pop();
        if (!stack.isEmpty()) {
            throw wrong("leaves values behind");
        }
        return root;
    }

    private void step(int op) throws IOException {
        switch (op) {
            case 'N' -> stack.push(Value.None.NONE);
            case 0x88 -> stack.push(new Value.Bool(true));
            case 0x89 -> stack.push(new Value.Bool(false));
            case 'I' -> stack.push(lineInteger());
            case 'J' -> stack.push(globals.integer(in.i32()));
            case 'K' -> stack.push(globals.integer(in.u8()));
            case 'M' -> stack.push(globals.integer(in.u16()));
            case 0x8a -> stack.push(integer(in.u8()));
            case 0x8b -> stack.push(integer(in.u32()));
            case 'G' -> stack.push(new Value.Real(in.f64BigEndian()));
            case 'X' -> stack.push(new Text(in.utf8(in.u32())));
            case 0x8c -> stack.push(new Text(in.utf8(in.u8())));
            case 0x8d -> stack.push(new Text(in.utf8(in.i64())));
            // Python 2 wrote its byte strings, mostly names, with these.
            case 'T' -> stack.push(new Text(new String(in.bytes(in.u32()), StandardCharsets.ISO_8859_1)));
            case 'U' -> stack.push(new Text(new String(in.bytes(in.u8()), StandardCharsets.ISO_8859_1)));
            case 'B' -> stack.push(bytes(in.u32()));
            case 'C' -> stack.push(bytes(in.u8()));
            case 0x8e, 0x96 -> stack.push(bytes(in.i64()));
            case '(' -> stack.mark();
            case ')' -> stack.push(new Sequence(Sequence.Kind.TUPLE, List.of()));
            case 't' -> stack.push(new Sequence(Sequence.Kind.TUPLE, stack.popMark()));
            case 0x85 -> stack.push(new Sequence(Sequence.Kind.TUPLE, stack.last(1)));
            case 0x86 -> stack.push(new Sequence(Sequence.Kind.TUPLE, stack.last(2)));
            case 0x87 -> stack.push(new Sequence(Sequence.Kind.TUPLE, stack.last(3)));
            case ']' -> stack.push(new Sequence(Sequence.Kind.LIST, List.of()));
            case 'l' -> stack.push(new Sequence(Sequence.Kind.LIST, stack.popMark()));
            case 0x8f -> stack.push(new Sequence(Sequence.Kind.SET, List.of()));
            case 0x91 -> {
                Sequence items = new Sequence(Sequence.Kind.LIST, stack.popMark());
                Sequence only = new Sequence(Sequence.Kind.TUPLE, List.of(items));
                stack.push(new Value.Made(new Global("builtins", "frozenset"), only, false));
            }
            case '}' -> stack.push(new Dict(Dict.Kind.PLAIN));
            case 'd' -> {
                List<Value> items = stack.popMark();
                stack.push(new Dict(Dict.Kind.PLAIN));
                setItems(items);
            }
            case 'a' -> add(stack.last(1), Sequence.Kind.LIST);
            case 'e' -> add(stack.popMark(), Sequence.Kind.LIST);
            case 0x90 -> add(stack.popMark(), Sequence.Kind.SET);
            case 's' -> setItems(stack.last(2));
            case 'u' -> setItems(stack.popMark());
            case '0' -> stack.drop();
            case '1' -> stack.popMark();
            case '2' -> stack.push(stack.top());
            case 'q' -> stack.put(in.u8());
            case 'r' -> stack.put(in.u32());
            case 0x94 -> stack.put(stack.nextMemo());
            case 'h' -> stack.push(stack.get(in.u8()));
            case 'j' -> stack.push(stack.get(in.u32()));
            case 'c' -> stack.push(new Global(in.line(LONGEST_NAME), in.line(LONGEST_NAME)));
            case 0x93 -> stack.push(stackGlobal());
            case 'R', 0x81 -> {
                List<Value> call = stack.last(2);
                stack.push(globals.call(file, call.get(0), tuple(call.get(1)), op == 0x81));
            }
            case 0x92 -> {
                // Its keywords are not kept.
                List<Value> call = stack.last(3);
                stack.push(inPart(globals.call(file, call.get(0), tuple(call.get(1)), true)));
            }
            case 'o' -> {
                List<Value> call = stack.popMark();
                if (call.isEmpty()) {
                    throw wrong("makes an object of no class");
                }
                List<Value> arguments = call.subList(1, call.size());
                Sequence given = new Sequence(Sequence.Kind.TUPLE, List.copyOf(arguments));
                stack.push(inPart(globals.call(file, call.get(0), given, true)));
            }
            case 'b' -> build(stack.pop(), stack.top());
            case 'Q' -> stack.push(globals.persistent(file, stack.pop()));
            case 0x80 -> in.u8();
            case 0x95 -> in.i64();
            default ->
                throw wrong(
                        String.format(Locale.ROOT, "uses the opcode 0x%02x, which checkpoints have no use for", op));
        }
    }

    private static Value inPart(Value value) {
        if (value instanceof Value.Made made) {
            made.spoil();
        }
        return value;
    }

    private Value lineInteger() throws IOException {
        String text = in.line(64).strip();
        // Protocols 0 and 1 spell booleans this way.
        if (text.equals("00") || text.equals("01")) {
            return new Value.Bool(text.equals("01"));
        }
        try {
            return globals.integer(Long.parseLong(text));
        } catch (NumberFormatException e) {
            throw wrong("has an invalid integer", e);
        }
    }

    private Value integer(long length) throws IOException {
        if (length > LONGEST_INTEGER) {
            throw wrong("has an integer of " + length + " bytes");
        }
        BigInteger value = in.integer((int) length);
        return value.bitLength() < 64 ? globals.integer(value.longValue()) : new Value.BigInt(value);
    }

    private Value bytes(long length) throws IOException {
        if (length > LARGEST_BYTES) {
            in.skip(length);
            return new Value.Plain("bytes");
        }
        return new Bytes(in.bytes(length));
    }

    private Sequence tuple(Value value) {
        if (value instanceof Sequence sequence && sequence.kind() == Sequence.Kind.TUPLE) {
            return sequence;
        }
        throw wrong("calls something with arguments that are not a tuple");
    }

    private void add(List<Value> items, Sequence.Kind kind) {
        Value target = stack.top();
        if (target instanceof Sequence sequence && sequence.kind() == kind) {
            items.forEach(sequence::add);
        } else if (target instanceof Value.Made made) {
            if (kind == Sequence.Kind.LIST) {
                made.add(items);
            } else {
                made.spoil();
            }
        } else if (!(target instanceof Opaque || target instanceof Value.Plain)) {
            throw wrong("appends to something that is not a list");
        }
    }

    private void setItems(List<Value> items) {
        Value target = stack.top();
        if (items.size() % 2 != 0) {
            throw wrong("sets a key without a value");
        }
        if (target instanceof Dict dict) {
            for (int k = 0; k < items.size(); k += 2) {
                dict.put(items.get(k), items.get(k + 1));
            }
        } else if (target instanceof Value.Made made) {
            made.set(items);
        } else if (!(target instanceof Opaque || target instanceof Value.Plain)) {
            throw wrong("sets items of something that is not a dict");
        }
    }

    private Value stackGlobal() {
        List<Value> names = stack.last(2);
        if (names.get(0) instanceof Text module && names.get(1) instanceof Text name) {
            if (module.value().length() > LONGEST_NAME || name.value().length() > LONGEST_NAME) {
                throw wrong("names a global by more than " + LONGEST_NAME + " characters");
            }
            return new Global(module.value(), name.value());
        }
        throw wrong("names a global by something that is not text");
    }

    private void build(Value state, Value target) {
        if (target instanceof Value.Module module && state instanceof Dict attributes) {
            module.setAttributes(attributes);
        } else if (target instanceof Dict dict) {
            dict.setAttributes(state);
        } else if (target instanceof Value.Made made) {
            made.setState(state);
        }
        // Anything else is opaque or plain, and stays so.
    }
}
