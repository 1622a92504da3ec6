package dev.stockpot.text;

import java.util.Locale;

/** Text that is safe to show, whatever a file's or a tensor's name contains. */
public final class Printable {
    private static final int LONGEST_NAME = 100;

    private Printable() {}

    /**
     * One line in which nothing steers a terminal, starts another line, or turns the direction of writing around: such
     * characters become question marks. Empty for null.
     */
    public static String of(String text) {
        if (text == null) {
            return "";
        }
        int at = 0;
        while (at < text.length() && isShown(text.codePointAt(at))) {
            at += Character.charCount(text.codePointAt(at));
        }
        if (at == text.length()) {
            return text;
        }
        StringBuilder shown = new StringBuilder(text.length()).append(text, 0, at);
        while (at < text.length()) {
            int c = text.codePointAt(at);
            shown.appendCodePoint(isShown(c) ? c : '?');
            at += Character.charCount(c);
        }
        return shown.toString();
    }

    /**
     * A name that a file gives, as a sentence quotes it: in one line and at most {@value #LONGEST_NAME} characters before
     * escapes, the middle of a longer one left out. What is not {@link #isShown shown} is escaped as in Java.
     */
    public static String name(String name) {
        String some = Figures.shortened(name, LONGEST_NAME);
        StringBuilder shown = new StringBuilder(some.length());
        for (int at = 0; at < some.length(); at += Character.charCount(some.codePointAt(at))) {
            int c = some.codePointAt(at);
            switch (c) {
                case '\n' -> shown.append("\\n");
                case '\r' -> shown.append("\\r");
                case '\t' -> shown.append("\\t");
                default -> {
                    if (isShown(c)) {
                        shown.appendCodePoint(c);
                    } else {
                        shown.append(String.format(Locale.ROOT, "\\u%04x", c));
                    }
                }
            }
        }
        return shown.toString();
    }

    /**
     * Whether a code point only shows itself: no control character (C0, DEL and C1, in which U+009B begins an escape sequence),
     * no line or paragraph separator, no mark that turns the direction of writing (Unicode TR 36, section 3.3), no unpaired
     * surrogate, and no non-character.
     */
    public static boolean isShown(int c) {
        if (c < 0x7F) {
            return c >= 0x20;
        }
        return c > 0x9F
                && c != 0x061C
                && c != 0xFEFF
                && !(c >= 0x200E && c <= 0x200F)
                && !(c >= 0x2028 && c <= 0x202E)
                && !(c >= 0x2066 && c <= 0x2069)
                && !(c >= 0xD800 && c <= 0xDFFF)
                && (c & 0xFFFE) != 0xFFFE;
    }
}
