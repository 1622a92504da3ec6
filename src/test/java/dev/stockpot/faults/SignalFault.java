package dev.stockpot.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;

/** A signal that comes {@code after} so many milliseconds. */
record SignalFault(String name, long after) implements Injection {
    @Override
    public String text() {
        return "signal " + name + " " + after;
    }

    @Override
    public String kind() {
        return "SIG" + name + " at a random moment";
    }

    @Override
    public void during(Process process) throws InterruptedException {
        if (process.waitFor(after, TimeUnit.MILLISECONDS)) {
            return;
        }
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .redirectErrorStream(true)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public int signal() {
        return switch (name) {
            case "KILL" -> 9;
            case "TERM" -> 15;
            case "HUP" -> 1;
            default -> 2;
        };
    }

    @Override
    public boolean mayLeave() {
        return name.equals("KILL");
    }
}
