package dev.stockpot.cli;

import dev.stockpot.memory.NativeLibrary;
import dev.stockpot.text.Printable;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine;

/** The command's entry point. Exits with 0 when done, 1 if the run failed, 2 for wrong usage, 130 on Ctrl-C. */
public final class Main {
    private Main() {}

    /** Runs one command and exits. */
    public static void main(String[] arguments) {
        refuseUndecodable(arguments);
        // Whichever comes first: the end of the command, or a signal that ends the JVM.
        AtomicBoolean ending = new AtomicBoolean();
        Thread main = Thread.currentThread();
        try {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                // On Ctrl-C or a termination signal: cancel, and wait until the temporary files are gone.
                if (ending.compareAndSet(false, true)) {
                    main.interrupt();
                    join(main);
                }
            }));
        } catch (IllegalStateException e) {
            // A signal was faster and is ending the JVM already; nothing has begun.
            return;
        }
        loadAhead(arguments);
        int exit;
        try {
            exit = Commands.execute(arguments);
        } catch (OutOfMemoryError e) {
            System.err.println("error: " + why(e));
            exit = Commands.FAILED;
        }
        if (!ending.compareAndSet(false, true)) {
            // A signal is already ending the JVM and decides the exit code; exiting would wait for the hook, which
            // waits for this.
            return;
        }
        // 1 is also what a comparison that found a difference ends with.
        System.exit(exit <= Commands.FAILED && System.out.checkError() ? unprinted() : exit);
    }

    /** What memory there was too little of: the heap, or what the system lets the process have beyond it. */
    static String why(OutOfMemoryError error) {
        String message = String.valueOf(error.getMessage());
        boolean heap = message.contains("heap") || message.contains("GC overhead") || message.contains("array size");
        return heap || error.getMessage() == null
                ? "the Java heap is too small: give the JVM more, such as -Xmx1g"
                : "the system gives the process no more memory: " + Printable.of(message)
                        + " (a limit on its address space or its threads, as of ulimit -v and ulimit -u?)";
    }

    /** Says why stdout did not take the result; not if its reader has gone, as {@code head} goes once it has seen enough. */
    private static int unprinted() {
        String why = "";
        // Not to be closed: of a process without a stdout, descriptor 1 may be the JVM's own file of modules.
        FileOutputStream out = new FileOutputStream(FileDescriptor.out);
        try {
            // The stream that failed does not keep the reason.
            out.write('\n');
        } catch (IOException e) {
            why = ": " + e.getMessage();
        }
        if (!why.contains("Broken pipe")) {
            System.err.println("error: the result could not be written to stdout" + why);
        }
        return Commands.FAILED;
    }

    /** Java cannot express a name that is not in the locale's encoding: what it reads instead would be another file. */
    private static void refuseUndecodable(String[] arguments) {
        for (String argument : arguments) {
            if (argument.indexOf('\uFFFD') >= 0) {
                System.err.println("error: " + Printable.of(argument) + ": this argument is not valid "
                        + System.getProperty("sun.jnu.encoding") + ", the encoding of the locale");
                System.exit(CommandLine.ExitCode.USAGE);
            }
        }
    }

    /** Loads the native library, which takes a fifth of a short run, while this thread reads options and headers. */
    private static void loadAhead(String[] arguments) {
        if (arguments.length > 2 && StockpotCommand.COMMANDS.containsKey(arguments[0])) {
            Thread loader = new Thread(NativeLibrary::isAvailable, "stockpot-load");
            loader.setDaemon(true);
            loader.start();
        }
    }

    private static void join(Thread main) {
        try {
            main.join(10_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
