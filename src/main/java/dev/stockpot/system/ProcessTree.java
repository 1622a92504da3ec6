package dev.stockpot.system;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A process and all that it starts. What outlives its parent is no descendant any more, but still has the environment that it
 * inherited: a variable in it tells whose it is.
 */
public final class ProcessTree {
    private static final String VARIABLE = "STOCKPOT_PROCESS";
    /** A process may start another one while it is being killed: look again, but not without end. */
    private static final int ROUNDS = 5;

    private static final int WAIT_SECONDS = 5;

    private final Process process;
    private final String mark;

    private ProcessTree(Process process, String mark) {
        this.process = process;
        this.mark = mark;
    }

    /** Starts a process. */
    public static ProcessTree start(ProcessBuilder builder) throws IOException {
        String mark = UUID.randomUUID().toString();
        builder.environment().put(VARIABLE, mark);
        return new ProcessTree(builder.start(), mark);
    }

    /** The process that was started. */
    public Process process() {
        return process;
    }

    /** Kills the process and all that it has started, and waits until they are gone; a few seconds at most. */
    public void kill() {
        Set<ProcessHandle> alive = alive();
        for (int round = 0; round < ROUNDS && !alive.isEmpty(); round++) {
            alive.forEach(ProcessHandle::destroyForcibly);
            CompletableFuture<?>[] exits =
                    alive.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new);
            // Not get, as this thread may be interrupted already.
            CompletableFuture.allOf(exits)
                    .completeOnTimeout(null, WAIT_SECONDS, TimeUnit.SECONDS)
                    .join();
            alive = alive();
        }
    }

    private Set<ProcessHandle> alive() {
        Set<ProcessHandle> found = new LinkedHashSet<>();
        found.add(process.toHandle());
        process.descendants().forEach(found::add);
        String[] all = new File("/proc").list();
        byte[] wanted = (VARIABLE + "=" + mark + "\0").getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; all != null && i < all.length; i++) {
            if (Character.isDigit(all[i].charAt(0)) && has(Path.of("/proc", all[i], "environ"), wanted)) {
                ProcessHandle.of(Long.parseLong(all[i])).ifPresent(found::add);
            }
        }
        found.removeIf(handle -> !handle.isAlive());
        return found;
    }

    /** Whether an environment holds a variable; not if it is another user's, or its process has ended. */
    private static boolean has(Path environment, byte[] variable) {
        Optional<byte[]> bytes = read(environment);
        if (bytes.isEmpty()) {
            return false;
        }
        byte[] all = bytes.get();
        for (int at = 0; at + variable.length <= all.length; at++) {
            if ((at == 0 || all[at - 1] == 0) && isAt(all, at, variable)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isAt(byte[] all, int at, byte[] part) {
        int same = 0;
        while (same < part.length && all[at + same] == part[same]) {
            same++;
        }
        return same == part.length;
    }

    private static Optional<byte[]> read(Path file) {
        try {
            return Optional.of(Files.readAllBytes(file));
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }
}
