package dev.stockpot.cli.help;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** How wide help may be. */
public final class ScreenWidth {
    private static final int USUAL = 80;
    private static final int LEAST = 40;
    /** Longer lines are hard to read. */
    private static final int MOST = 120;

    private ScreenWidth() {}

    /** The terminal's width, within limits; 80 if there is no terminal, and COLUMNS where that is set. */
    public static int of() {
        return of(System.getenv(), System.console() != null);
    }

    static int of(Map<String, String> environment, boolean terminal) {
        String columns = environment.getOrDefault("COLUMNS", terminal ? ofTerminal() : "");
        return columns.matches("[1-9]\\d{0,5}") ? Math.min(Math.max(Integer.parseInt(columns), LEAST), MOST) : USUAL;
    }

    /** Java has no way to ask; stty prints rows and columns. */
    private static String ofTerminal() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(new File("/dev/tty"))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            return size.strip().replaceFirst(".* ", "");
        } catch (IOException e) {
            return "";
        }
    }
}
