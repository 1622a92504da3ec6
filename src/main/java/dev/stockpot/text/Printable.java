package dev.stockpot.text;

/** Text that is safe for a terminal, whatever a file's or a tensor's name contains. */
public final class Printable {
    private Printable() {}

    /** One line without control characters; empty for null. */
    public static String of(String text) {
        return text == null ? "" : text.replaceAll("\\p{Cntrl}", "?");
    }
}
