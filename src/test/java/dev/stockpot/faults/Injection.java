package dev.stockpot.faults;

import java.util.List;
import java.util.Map;

/** Something that befalls a run. */
interface Injection {
    /** Nothing. */
    Injection NONE = new Injection() {
        @Override
        public String text() {
            return "nothing";
        }
    };

    /** What it is; {@link Injections#parse} makes the same again. */
    String text();

    /** Its row in a table. */
    default String kind() {
        return text();
    }

    /** Variables of the run's environment. */
    default Map<String, String> environment() {
        return Map.of();
    }

    /** The JVM's options. */
    default List<String> options() {
        return List.of();
    }

    /** Words before the command's: a program that runs it. */
    default List<String> before() {
        return List.of();
    }

    /** What happens while it runs. */
    default void during(Process process) throws InterruptedException {}

    /** Whether the run may end by this signal. */
    default int signal() {
        return 0;
    }

    /** Whether the run may leave something, for the next to remove. */
    default boolean mayLeave() {
        return false;
    }

    /** Whether what it prints is lost. */
    default boolean losesPrinted() {
        return false;
    }

    /** Whether its errors are lost. */
    default boolean losesErrors() {
        return false;
    }

    /** A change of files that it makes; null if none. */
    default FileChange change() {
        return null;
    }

    /** Whether it can be had here. */
    default boolean isPossible() {
        return true;
    }
}
