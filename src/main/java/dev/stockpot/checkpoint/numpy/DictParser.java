package dev.stockpot.checkpoint.numpy;

import dev.stockpot.text.Printable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Parses the dict in a header: a literal of Python with three keys, each once, and nothing that would have to be run. */
final class DictParser {
    /** NumPy's own limit since 2.0. */
    private static final int MOST_DIMENSIONS = 64;

    private static final int MOST_DIGITS = 18;

    private final Path file;
    private final String array;
    private final String text;
    private int at;

    DictParser(Path file, String array, String text) {
        this.file = file;
        this.array = array;
        this.text = text;
    }

    /**
     * The header.
     *
     * @param bytes its length
     */
    NpyHeader parse(int bytes) {
        String descr = null;
        Boolean fortran = null;
        List<Long> shape = null;
        Set<String> seen = new HashSet<>();
        expect('{');
        while (next() != '}') {
            String key = string();
            expect(':');
            if (!seen.add(key)) {
                throw invalid("has '" + Printable.name(key) + "' twice");
            }
            switch (key) {
                case "descr" -> descr = next() == '\'' || next() == '"' ? string() : structure();
                case "fortran_order" -> fortran = bool();
                case "shape" -> shape = shape();
                default -> throw invalid("has the unknown key '" + Printable.name(key) + "'");
            }
            if (next() != '}') {
                expect(',');
            }
        }
        expect('}');
        if (!text.substring(at).isBlank()) {
            throw invalid("goes on after its dict");
        }
        if (descr == null || fortran == null || shape == null) {
            throw invalid("lacks descr, fortran_order or shape");
        }
        return new NpyHeader(descr, fortran, shape, bytes);
    }

    private RuntimeException invalid(String what) {
        return NpyHeader.damaged(file, array, "has a header that " + what);
    }

    /** The next character that is no blank. */
    private char next() {
        while (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
        if (at == text.length()) {
            throw invalid("ends within its dict");
        }
        return text.charAt(at);
    }

    private void expect(char wanted) {
        if (next() != wanted) {
            throw invalid("has '" + text.charAt(at) + "' in place of '" + wanted + "'");
        }
        at++;
    }

    private String string() {
        char quote = next();
        int end = quote == '\'' || quote == '"' ? text.indexOf(quote, at + 1) : -1;
        if (end < 0 || text.substring(at, end).indexOf('\\') >= 0) {
            throw invalid("has something else in place of a plain text");
        }
        String string = text.substring(at + 1, end);
        at = end + 1;
        return string;
    }

    /** Skips the list that describes elements of several fields: an empty type, or that of objects if one of them is. */
    private String structure() {
        if (next() != '[') {
            throw invalid("has a descr that is neither a text nor a list");
        }
        int depth = 0;
        boolean objects = false;
        do {
            char c = next();
            if (c == '\'' || c == '"') {
                objects |= NpyHeader.isObject(string());
                continue;
            }
            depth += c == '[' || c == '(' ? 1 : c == ']' || c == ')' ? -1 : 0;
            at++;
        } while (depth > 0);
        return objects ? "|O" : "";
    }

    private boolean bool() {
        next();
        for (String word : new String[] {"True", "False"}) {
            if (text.startsWith(word, at)) {
                at += word.length();
                return word.equals("True");
            }
        }
        throw invalid("has a fortran_order that is neither True nor False");
    }

    private List<Long> shape() {
        List<Long> sizes = new ArrayList<>();
        expect('(');
        while (next() != ')') {
            int from = at;
            while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                at++;
            }
            if (at == from || at - from > MOST_DIGITS || sizes.size() == MOST_DIMENSIONS) {
                throw invalid("has a shape of sizes that no array has");
            }
            sizes.add(Long.parseLong(text.substring(from, at)));
            if (next() == 'L') {
                at++; // a long of Python 2
            }
            if (next() != ')') {
                expect(',');
            }
        }
        expect(')');
        return sizes;
    }
}
