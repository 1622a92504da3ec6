package dev.stockpot.evaluate.worker;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/** Passes the lines that a process writes to stderr on, and keeps the last ones for messages. */
final class StderrTail {
    private static final int LINES = 20;
    /** Characters after which a line is cut in two, so that one without an end takes no memory. */
    private static final int LONGEST = 4096;

    private final ArrayDeque<String> last = new ArrayDeque<>();
    private final Thread reader;

    /** Reads in its own thread until the stream ends. */
    StderrTail(InputStream stderr, String name, Consumer<String> output) {
        reader = new Thread(() -> drain(stderr, output), name);
        reader.setDaemon(true);
        reader.start();
    }

    /** The last lines, once the stream has ended; after a second at the latest, as a child may still hold it. */
    String afterExit() throws InterruptedException {
        reader.join(1000);
        synchronized (last) {
            return String.join("\n", last);
        }
    }

    private void drain(InputStream stderr, Consumer<String> output) {
        StringBuilder line = new StringBuilder();
        try (Reader in = new InputStreamReader(stderr, StandardCharsets.UTF_8)) {
            char[] chars = new char[LONGEST];
            for (int got = in.read(chars); got >= 0; got = in.read(chars)) {
                for (int i = 0; i < got; i++) {
                    // Progress bars return the carriage without feeding a line.
                    boolean end = chars[i] == '\n' || chars[i] == '\r';
                    if (!end) {
                        line.append(chars[i]);
                    }
                    if (end || line.length() == LONGEST) {
                        pass(line, output);
                    }
                }
            }
        } catch (IOException e) {
            // The process was ended, and its pipe with it.
        }
        pass(line, output);
    }

    private void pass(StringBuilder line, Consumer<String> output) {
        if (line.toString().isBlank()) {
            line.setLength(0);
            return;
        }
        String text = line.toString();
        line.setLength(0);
        synchronized (last) {
            if (last.size() == LINES) {
                last.removeFirst();
            }
            last.addLast(text);
        }
        output.accept(text);
    }
}
