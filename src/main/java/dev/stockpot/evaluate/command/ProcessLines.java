package dev.stockpot.evaluate.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;

/** Passes on the lines that a process writes, and keeps the last ones; skips blank lines. */
public final class ProcessLines {
    private static final int BLOCK = 4096;

    private final ArrayDeque<String> last = new ArrayDeque<>();
    private final int kept;
    private final int longest;
    private final long room;
    private final Consumer<String> output;
    private final Thread reader;
    private boolean takes = true;
    private long held;

    /**
     * Reads in its own thread until the stream ends.
     *
     * @param kept how many lines are kept
     * @param longest characters after which a line is split, so that an endless line cannot fill the memory
     * @param output takes each line, until it throws an exception
     */
    public ProcessLines(InputStream stream, String name, int kept, int longest, Consumer<String> output) {
        this(stream, name, kept, longest, (long) kept * longest, output);
    }

    /** The same, of whose kept lines no more than {@code room} characters stay. */
    ProcessLines(InputStream stream, String name, int kept, int longest, long room, Consumer<String> output) {
        this.kept = kept;
        this.longest = longest;
        this.room = room;
        this.output = output;
        reader = new Thread(() -> drain(stream), name);
        reader.setDaemon(true);
        reader.start();
    }

    /** Whether the stream ends within {@code limit}. */
    boolean endsWithin(Duration limit) throws InterruptedException {
        reader.join(limit.toMillis());
        return !reader.isAlive();
    }

    /** The last lines, once the stream has ended; waits at most a second, as a child process may hold it open. */
    public String afterExit() throws InterruptedException {
        return String.join("\n", lines());
    }

    /** The same, one by one. */
    List<String> lines() throws InterruptedException {
        reader.join(1000);
        synchronized (last) {
            return List.copyOf(last);
        }
    }

    private void drain(InputStream stream) {
        StringBuilder line = new StringBuilder();
        try (Reader in = new InputStreamReader(stream, StandardCharsets.UTF_8)) {
            char[] chars = new char[BLOCK];
            for (int got = in.read(chars); got >= 0; got = in.read(chars)) {
                for (int i = 0; i < got; i++) {
                    // Progress bars write a carriage return without a line feed.
                    boolean end = chars[i] == '\n' || chars[i] == '\r';
                    if (!end) {
                        line.append(chars[i]);
                    }
                    if (end || line.length() == longest) {
                        pass(line);
                    }
                }
            }
        } catch (IOException e) {
            // The process was killed, which closed its pipe.
        }
        pass(line);
    }

    private void pass(StringBuilder line) {
        String text = line.toString();
        line.setLength(0);
        if (text.isBlank()) {
            return;
        }
        synchronized (last) {
            last.addLast(text);
            held += text.length();
            while (last.size() > kept || held > room) {
                held -= last.removeFirst().length();
            }
        }
        if (takes) {
            try {
                output.accept(text);
            } catch (RuntimeException e) {
                // A process whose output nobody reads waits for ever: go on without the consumer that failed.
                takes = false;
            }
        }
    }
}
