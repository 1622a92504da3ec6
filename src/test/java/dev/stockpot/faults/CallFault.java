package dev.stockpot.faults;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Something happens at the n-th call on a file.
 *
 * @param at which call, or which calls on: {@code 7}, {@code 7+}, {@code %40:SEED} (native/test/faults/plan.cpp)
 * @param calls names of calls that count; all if empty
 * @param act what happens: {@code fail:EIO}, {@code short}, {@code kill}, {@code kill-after}, {@code delay:MILLISECONDS}, or
 *     {@code run}, with a change of files
 */
record CallFault(String at, String calls, String act, FileChange change) implements Injection {
    static final List<String> ERRORS = List.of("EIO", "ENOSPC", "EINTR", "EMFILE", "EACCES", "EDQUOT", "ENOMEM");

    CallFault(String at, String calls, String act) {
        this(at, calls, act, null);
    }

    /** One of the errors that calls may have; of signals, only calls that wait are interrupted. */
    static String error(String call, Random random) {
        List<String> possible = Set.of("read", "write", "open", "fsync").contains(call)
                ? ERRORS
                : ERRORS.stream().filter(error -> !error.equals("EINTR")).toList();
        return "fail:" + possible.get(random.nextInt(possible.size()));
    }

    @Override
    public String text() {
        return "call " + at + " " + (calls.isEmpty() ? "any" : calls) + " " + act
                + (change == null ? "" : " " + change.text());
    }

    @Override
    public String kind() {
        String many = at.startsWith("%")
                ? "many calls at random: "
                : at.endsWith("+") ? "a call and all after it: " : "one call: ";
        return switch (act.split(":")[0]) {
            case "fail" -> many + "fails";
            case "short" -> many + "is short";
            case "kill", "kill-after" -> "SIGKILL at a call";
            case "delay" -> many + "takes long";
            default -> "at a call, a file " + change.kind().said();
        };
    }

    @Override
    public Map<String, String> environment() {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("LD_PRELOAD", CommandJar.LIBRARY.toString());
        variables.put("FAULT_PROGRAM", "java");
        variables.put("FAULT_FOLDERS", "{in}:{out}:{tmp}:{scratch}:{memory}:/dev/shm");
        variables.put("FAULT_AT", at);
        variables.put("FAULT_DO", act);
        if (!calls.isEmpty()) {
            variables.put("FAULT_CALLS", calls);
        }
        if (change != null) {
            variables.put("FAULT_COMMAND", change.command());
        }
        return variables;
    }

    @Override
    public int signal() {
        return act.startsWith("kill") ? 9 : 0;
    }

    @Override
    public boolean mayLeave() {
        // What cannot be deleted stays.
        return act.startsWith("kill") || act.startsWith("fail");
    }

    @Override
    public boolean isPossible() {
        return java.nio.file.Files.exists(CommandJar.LIBRARY);
    }
}
