package dev.stockpot.cli.help;

import java.util.ArrayList;
import java.util.List;

/** Text in lines of a width; a word that is longer stays whole. */
final class Lines {
    private Lines() {}

    /** A paragraph, broken at blanks; all its lines but the first are indented. */
    static List<String> of(String paragraph, int width, int indentation) {
        return filled(List.of(paragraph.strip().split(" +")), width, "", " ".repeat(indentation));
    }

    /** A command line that a shell reads as it was: broken before an option or an argument, with a backslash. */
    static List<String> ofCommand(String command, int width) {
        List<String> units = new ArrayList<>();
        for (String word : words(command)) {
            int last = units.size() - 1;
            boolean value =
                    last >= 0 && !word.startsWith("-") && units.get(last).matches("--?[a-z][a-z-]*");
            if (value || (last == 0 && units.get(0).equals("stockpot"))) {
                units.set(last, units.get(last) + " " + word);
            } else {
                units.add(word);
            }
        }
        return filled(units, width, " \\", "    ");
    }

    private static List<String> filled(List<String> units, int width, String end, String indentation) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder(units.get(0));
        for (int k = 1; k < units.size(); k++) {
            String unit = units.get(k);
            int room = width - (k < units.size() - 1 ? end.length() : 0);
            if (line.length() + 1 + unit.length() > room) {
                lines.add(line + end);
                line.setLength(0);
                line.append(indentation).append(unit);
            } else {
                line.append(' ').append(unit);
            }
        }
        lines.add(line.toString());
        return lines;
    }

    /** Words as a shell separates them, with their quotes. */
    private static List<String> words(String command) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean quoted = false;
        for (char c : command.toCharArray()) {
            quoted ^= c == '\'';
            if (c == ' ' && !quoted) {
                words.add(word.toString());
                word.setLength(0);
            } else {
                word.append(c);
            }
        }
        words.add(word.toString());
        return words;
    }
}
