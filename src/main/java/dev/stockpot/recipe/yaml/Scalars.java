package dev.stockpot.recipe.yaml;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** Texts and numbers in a form that every reader of YAML 1.1 takes for the same. */
final class Scalars {
    /** Below it, every whole number is exact and has no exponent. */
    private static final double WHOLE = 1e15;

    private static final int MOST_DIGITS = 17;

    private Scalars() {}

    /** A number that reads back as the same double; the fewest digits that do, the same with every Java. */
    static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < WHOLE) {
            return value == 0 && 1 / value < 0 ? "-0.0" : Long.toString((long) value);
        }
        if (!Double.isFinite(value)) {
            return Double.isNaN(value) ? ".nan" : value > 0 ? ".inf" : "-.inf";
        }
        BigDecimal exact = new BigDecimal(value);
        BigDecimal shortest = exact;
        for (int digits = 1; digits <= MOST_DIGITS; digits++) {
            shortest = exact.round(new MathContext(digits));
            if (shortest.doubleValue() == value) {
                break;
            }
        }
        return withPoint(shortest.stripTrailingZeros().toString());
    }

    /** YAML 1.1 takes {@code 1E-5} and {@code 1.0e5} for texts: a number has a point, and its exponent a sign. */
    private static String withPoint(String number) {
        String lower = number.toLowerCase(Locale.ROOT);
        int exponent = lower.indexOf('e');
        String digits = exponent < 0 ? lower : lower.substring(0, exponent);
        String rest = exponent < 0 ? "" : lower.substring(exponent);
        return (digits.indexOf('.') < 0 ? digits + ".0" : digits) + rest;
    }

    /** A text in double quotes, in ASCII. */
    static String quoted(String text) {
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        for (int at = 0; at < text.length(); at++) {
            int c = text.codePointAt(at);
            if (c >= 0xD800 && c <= 0xDFFF) {
                // Half a character, as the names of files may have.
                quoted.append("\\uFFFD");
            } else if (c > 0xFFFF) {
                hex(quoted.append("\\U"), c, 8);
                at++;
            } else if (c == '"' || c == '\\') {
                quoted.append('\\').append((char) c);
            } else if (c < ' ' || c > '~') {
                hex(quoted.append("\\u"), c, 4);
            } else {
                quoted.append((char) c);
            }
        }
        return quoted.append('"').toString();
    }

    private static void hex(StringBuilder into, int c, int digits) {
        for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
            into.append("0123456789ABCDEF".charAt(c >>> shift & 15));
        }
    }
}
