package dev.stockpot.report;

/** Text in HTML and SVG. Names of files and tensors are untrusted: nothing in them may become markup. */
final class Markup {
    private Markup() {}

    /** {@code text} as the content of an element or of a quoted attribute; control characters as question marks. */
    static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.appendCodePoint(allowed(c) ? c : '?');
            }
        });
        return escaped.toString();
    }

    /** Whether XML allows it, except control characters and unpaired surrogates. */
    private static boolean allowed(int c) {
        return c >= 0x20 && (c < 0x7F || c > 0x9F) && (c < 0xD800 || c > 0xDFFF) && (c & 0xFFFE) != 0xFFFE;
    }
}
