package dev.stockpot.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Injections at random, and from their texts. */
final class Injections {
    private Injections() {}

    /** One of those that make sense for a scenario. */
    static Injection random(Scenario scenario, Expected expected, Random random) {
        int calls = expected.calls().size();
        int at = 1 + random.nextInt(calls);
        String call = expected.calls().get(at - 1).split(" ")[0];
        String number = Integer.toString(at);
        return switch (random.nextInt(12)) {
            case 0, 1 -> new CallFault(number, "", CallFault.error(call, random));
            case 2 -> new CallFault(number + "+", "", CallFault.error("", random));
            case 3 ->
                new CallFault(
                        "%" + (10 + random.nextInt(60)) + ":" + random.nextInt(1000), "", CallFault.error("", random));
            case 4 -> new CallFault("%" + (2 + random.nextInt(8)) + ":" + random.nextInt(1000), "", "short");
            case 5 -> new CallFault(number, "", random.nextBoolean() ? "kill" : "kill-after");
            case 6 -> new SignalFault("KILL", moment(expected, random));
            case 7 -> new SignalFault(List.of("TERM", "INT", "HUP").get(random.nextInt(3)), moment(expected, random));
            case 8, 9 -> new CallFault(number, "", "run", change(scenario, random));
            default -> {
                List<Surroundings> all = Surroundings.all();
                yield all.get(random.nextInt(all.size()));
            }
        };
    }

    private static long moment(Expected expected, Random random) {
        return random.nextInt((int) expected.milliseconds() + 20);
    }

    /** A change of one of a scenario's inputs, or of its output's place. */
    static FileChange change(Scenario scenario, Random random) {
        List<FileChange.Kind> kinds = new ArrayList<>(List.of(FileChange.Kind.values()));
        // Java's opening of a pipe that has just taken a file's place waits for a writer.
        kinds.remove(FileChange.Kind.PIPE);
        FileChange.Kind kind = kinds.get(random.nextInt(kinds.size()));
        String input = scenario.inputs().get(random.nextInt(scenario.inputs().size()));
        if (!scenario.output().isEmpty() && kind.isOfOutput()) {
            return new FileChange(kind, scenario.output());
        }
        return new FileChange(
                kind.isOfOutput() ? FileChange.Kind.TRUNCATED : kind,
                input.contains(".") ? input : input + "/model.safetensors");
    }

    /** The injection that has this text. */
    static Injection parse(String text) {
        String[] words = text.split(" ", 6);
        if (text.startsWith("call ") && words.length >= 4) {
            FileChange change = words.length < 6 ? null : new FileChange(FileChange.Kind.valueOf(words[4]), words[5]);
            return new CallFault(words[1], words[2].equals("any") ? "" : words[2], words[3], change);
        }
        if (text.startsWith("signal ")) {
            return new SignalFault(words[1], Long.parseLong(words[2]));
        }
        for (Surroundings surroundings : Surroundings.all()) {
            if (surroundings.text().equals(text)) {
                return surroundings;
            }
        }
        if (text.equals(Injection.NONE.text())) {
            return Injection.NONE;
        }
        throw new IllegalArgumentException("no injection is called " + text);
    }
}
