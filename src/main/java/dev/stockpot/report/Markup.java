package dev.stockpot.report;

import dev.stockpot.text.Printable;

/** Text in HTML and SVG. Names of files and tensors are untrusted: nothing in them may become markup. */
final class Markup {
    private Markup() {}

    /** {@code text} as the content of an element or of a quoted attribute; what is not {@link Printable#isShown shown} as question marks. */
    static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.appendCodePoint(Printable.isShown(c) ? c : '?');
            }
        });
        return escaped.toString();
    }
}
