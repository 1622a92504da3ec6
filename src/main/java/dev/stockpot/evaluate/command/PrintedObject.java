package dev.stockpot.evaluate.command;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An object as programs print it, as JSON or as Python's repr: single or double quotes, {@code None} and {@code True}, tuples,
 * and numbers within a call, such as {@code np.float64(0.5)} or {@code tensor(0.5, device='cuda:0')}. Its numbers are the
 * metrics.
 */
final class PrintedObject {
    /** Deeper objects are no scores; a parser that recurses needs a limit. */
    private static final int DEEPEST = 50;

    private static final int MOST_METRICS = 1000;

    private final String text;
    private int at;
    private int depth;

    private PrintedObject(String text) {
        this.text = text;
    }

    /** Text that is not an object. */
    private static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /**
     * The numbers of an object.
     *
     * @param byName first the object's own, in their order, then those of objects within it, as {@code a.b}
     * @param own whether it has numbers of its own
     */
    record Numbers(LinkedHashMap<String, Double> byName, boolean own) {}

    /**
     * The numbers of the object that {@code text} is, or the list of one object. Strings, booleans and lists are no metrics, nor
     * are numbers of objects within that are not finite.
     *
     * @return null if the text is no object
     */
    static Numbers numbers(String text) {
        try {
            PrintedObject object = new PrintedObject(text);
            Object value = object.value();
            object.blanks();
            if (value instanceof List<?> list && list.size() == 1) {
                value = list.get(0);
            }
            if (!(value instanceof Map<?, ?> map) || object.at < text.length()) {
                return null;
            }
            LinkedHashMap<String, Double> numbers = new LinkedHashMap<>();
            map.forEach((name, number) -> {
                if (number instanceof Double own && numbers.size() < MOST_METRICS) {
                    numbers.put((String) name, own);
                }
            });
            boolean own = !numbers.isEmpty();
            map.forEach((name, inner) -> collect((String) name, inner, numbers));
            return new Numbers(numbers, own);
        } catch (Malformed e) {
            return null;
        }
    }

    private static void collect(String path, Object value, Map<String, Double> numbers) {
        if (value instanceof Map<?, ?> map) {
            map.forEach((name, inner) -> {
                if (inner instanceof Double number && Double.isFinite(number) && numbers.size() < MOST_METRICS) {
                    numbers.putIfAbsent(path + "." + name, number);
                }
                collect(path + "." + name, inner, numbers);
            });
        }
    }

    private Object value() throws Malformed {
        if (++depth > DEEPEST) {
            throw new Malformed();
        }
        blanks();
        char c = peek();
        Object value = switch (c) {
            case '{' -> object();
            case '[' -> list(']');
            case '(' -> list(')');
            case '"', '\'' -> string();
            default -> word();
        };
        depth--;
        return value;
    }

    private Map<String, Object> object() throws Malformed {
        Map<String, Object> object = new LinkedHashMap<>();
        at++;
        for (blanks(); peek() != '}'; blanks()) {
            Object name = value();
            expect(':');
            object.put(name instanceof Double number ? plain(number) : String.valueOf(name), value());
            separator('}');
        }
        at++;
        return object;
    }

    /** A number as a name, as Python's dictionaries may have them. */
    private static String plain(double number) {
        return number == Math.rint(number) && Math.abs(number) < 1e15
                ? Long.toString((long) number)
                : Double.toString(number);
    }

    private List<Object> list(char end) throws Malformed {
        List<Object> list = new ArrayList<>();
        at++;
        for (blanks(); peek() != end; blanks()) {
            list.add(value());
            separator(end);
        }
        at++;
        return list;
    }

    private void separator(char end) throws Malformed {
        blanks();
        if (peek() == ',') {
            at++;
        } else if (peek() != end) {
            throw new Malformed();
        }
    }

    private String string() throws Malformed {
        char quote = text.charAt(at++);
        StringBuilder string = new StringBuilder();
        while (peek() != quote) {
            char c = text.charAt(at++);
            string.append(c == '\\' ? escaped() : c);
        }
        at++;
        return string.toString();
    }

    private char escaped() throws Malformed {
        char c = peek();
        at++;
        if (c != 'u' || at + 4 > text.length()) {
            return c;
        }
        try {
            int code = Integer.parseInt(text.substring(at, at + 4), 16);
            at += 4;
            return (char) code;
        } catch (NumberFormatException e) {
            throw new Malformed();
        }
    }

    /** A number, a constant, or a call: of its arguments the first is its value. */
    private Object word() throws Malformed {
        int start = at;
        while (at < text.length() && isWord(text.charAt(at))) {
            at++;
        }
        String word = text.substring(start, at);
        if (word.isEmpty()) {
            throw new Malformed();
        }
        if (at < text.length() && text.charAt(at) == '(' && Character.isLetter(word.charAt(0))) {
            List<Object> arguments = list(')');
            return arguments.isEmpty() ? word : arguments.get(0);
        }
        // A named argument of a call.
        if (at < text.length() && text.charAt(at) == '=') {
            at++;
            value();
            return word;
        }
        Double number = PrintedNumber.parse(word);
        return number == null ? word : number;
    }

    private static boolean isWord(char c) {
        return Character.isLetterOrDigit(c) || c == '.' || c == '_' || c == '+' || c == '-';
    }

    private char peek() throws Malformed {
        if (at >= text.length()) {
            throw new Malformed();
        }
        return text.charAt(at);
    }

    private void expect(char c) throws Malformed {
        blanks();
        if (peek() != c) {
            throw new Malformed();
        }
        at++;
    }

    private void blanks() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }
}
