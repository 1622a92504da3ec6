package dev.stockpot.checkpoint.torch.pickle;

import dev.stockpot.checkpoint.torch.pickle.Value.Global;
import dev.stockpot.checkpoint.torch.pickle.Value.Made;
import dev.stockpot.checkpoint.torch.pickle.Value.Sequence;
import dev.stockpot.checkpoint.torch.pickle.Value.Text;
import java.util.List;
import java.util.Set;

/**
 * Which objects in a pickle are data, and may be written again as they were read: settings, numbers of NumPy, dates, paths,
 * members of enumerations. Nothing is ever called here; the question is what a file may ask of those who load it. That is an
 * instance without its constructor ({@code NEWOBJ}) of a class of other people's code, a call of a name on the list, or a call
 * of such a class with one plain value, which is how Python pickles the members of an enumeration. A call of any
 * function, or anything else of Python's own library, is not passed on: a {@code map} of a function, for one, calls it.
 */
final class DataObjects {
    private static final Set<String> CALLS = Set.of(
            "argparse.Namespace",
            "types.SimpleNamespace",
            "collections.deque",
            "datetime.date",
            "datetime.datetime",
            "datetime.time",
            "datetime.timedelta",
            "datetime.timezone",
            "decimal.Decimal",
            "fractions.Fraction",
            "uuid.UUID",
            "pathlib.Path",
            "pathlib.PosixPath",
            "pathlib.PurePosixPath",
            "pathlib.PureWindowsPath",
            "pathlib.WindowsPath",
            "pathlib._local.PosixPath",
            "pathlib._local.PurePosixPath",
            "pathlib._local.PureWindowsPath",
            "pathlib._local.WindowsPath",
            "builtins.bytearray",
            "builtins.bytes",
            "builtins.complex",
            "builtins.frozenset",
            "builtins.range",
            "builtins.slice",
            "__builtin__.bytearray",
            "__builtin__.bytes",
            "__builtin__.complex",
            "__builtin__.frozenset",
            "numpy.dtype",
            "numpy.ndarray",
            "numpy.core.multiarray._reconstruct",
            "numpy.core.multiarray.scalar",
            "numpy.core.numeric._frombuffer",
            "numpy._core.multiarray._reconstruct",
            "numpy._core.multiarray.scalar",
            "numpy._core.numeric._frombuffer",
            "numpy.random._pickle.__bit_generator_ctor",
            "numpy.random._pickle.__generator_ctor",
            "numpy.random._pickle.__randomstate_ctor",
            "torch.serialization._get_layout");

    /** Classes of Python's own library that are instantiated rather than called. */
    private static final Set<String> CLASSES =
            Set.of("_io.BytesIO", "_io.StringIO", "io.BytesIO", "io.StringIO", "collections.UserDict");

    /** What makes the values of a {@code defaultdict}. */
    private static final Set<String> FACTORIES = Set.of(
            "builtins.bool",
            "builtins.dict",
            "builtins.float",
            "builtins.int",
            "builtins.list",
            "builtins.set",
            "builtins.str",
            "builtins.tuple",
            "collections.Counter",
            "collections.OrderedDict",
            "collections.deque");

    private static final Set<String> ATTRIBUTE = Set.of("builtins.getattr", "__builtin__.getattr");
    /** How protocols 0 and 1 make an instance: of a class, over one of Python's own. */
    private static final Set<String> INSTANCE = Set.of("copyreg._reconstructor", "copy_reg._reconstructor");

    /** Longer names are none; every call of one would go through it again. */
    private static final int LONGEST_NAME = 256;

    private DataObjects() {}

    /**
     * Whether what a call makes is data.
     *
     * @param isNew whether a class is instantiated without its constructor, rather than called
     */
    static boolean isData(Global callee, List<Value> arguments, boolean isNew) {
        if (!isNamed(callee)) {
            return false;
        }
        String name = callee.dotted();
        if (CALLS.contains(name)) {
            return true;
        }
        if (isNew) {
            return isInstantiable(callee);
        }
        if (ATTRIBUTE.contains(name)) {
            return arguments.size() == 2
                    && (arguments.get(0) instanceof Global of ? isNamed(of) : isAttribute(arguments.get(0)))
                    && arguments.get(1) instanceof Text attribute
                    && isIdentifiers(attribute.value());
        }
        if (INSTANCE.contains(name)) {
            return arguments.size() == 3
                    && arguments.get(0) instanceof Global of
                    && isNamed(of)
                    && isInstantiable(of)
                    && arguments.get(1) instanceof Global base
                    && (base.module().equals("builtins") || base.module().equals("__builtin__"));
        }
        return isMember(arguments) && isForeignClass(callee);
    }

    /** The same for a call of an attribute. */
    static boolean isData(Made callee, List<Value> arguments, boolean isNew) {
        return isAttribute(callee) && isForeignClass(callee) && (isNew || isMember(arguments));
    }

    /** Whether {@code value} is an attribute of a global, or of such an attribute. */
    private static boolean isAttribute(Value value) {
        return value instanceof Made made
                && made.call().callee() instanceof Global global
                && ATTRIBUTE.contains(global.dotted());
    }

    /** Whether a name is that of a class that is not of Python's own library; one level within another at most. */
    private static boolean isForeignClass(Value value) {
        if (value instanceof Global global) {
            return isClass(global.name()) && !PythonLibrary.has(global.module());
        }
        List<Value> of = ((Made) value).call().arguments().items();
        return of.get(0) instanceof Global outer
                && isForeignClass(outer)
                && of.get(1) instanceof Text name
                && isClass(name.value());
    }

    private static boolean isMember(List<Value> arguments) {
        return arguments.size() == 1 && isConstant(arguments.get(0));
    }

    /** Whether a {@code defaultdict} may be written again with this to make its values. */
    static boolean isFactory(Global made) {
        return FACTORIES.contains(made.dotted().replace("__builtin__", "builtins"))
                || (isNamed(made) && isForeignClass(made));
    }

    private static boolean isInstantiable(Global of) {
        return CALLS.contains(of.dotted()) || CLASSES.contains(of.dotted()) || !PythonLibrary.has(of.module());
    }

    private static boolean isConstant(Value value) {
        return value instanceof Text
                || value instanceof Value.Int
                || value instanceof Value.Real
                || value instanceof Value.Bool
                || (value instanceof Sequence tuple
                        && tuple.kind() == Sequence.Kind.TUPLE
                        && tuple.items().size() <= 8
                        && tuple.items().stream().allMatch(v -> !(v instanceof Sequence) && isConstant(v)));
    }

    /** Classes have names in CapWords (PEP 8), functions and modules have not; so do those around a class. */
    private static boolean isClass(String name) {
        boolean begins = true;
        for (int k = 0; k < name.length(); k++) {
            char c = name.charAt(k);
            if (begins && (c < 'A' || c > 'Z')) {
                return false;
            }
            begins = c == '.';
        }
        return true;
    }

    /** Whether a name can be written as one: nothing in it ends a line. */
    static boolean isNamed(Global global) {
        return isIdentifiers(global.module()) && isIdentifiers(global.name());
    }

    private static boolean isIdentifiers(String text) {
        if (text.length() > LONGEST_NAME) {
            return false;
        }
        boolean begins = true;
        for (int k = 0; k < text.length(); k++) {
            char c = text.charAt(k);
            boolean letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
            boolean digit = c >= '0' && c <= '9';
            if (!letter && !(digit && !begins) && !(c == '.' && !begins)) {
                return false;
            }
            begins = c == '.';
        }
        return !begins;
    }
}
