package dev.stockpot.evaluate.command;

import dev.stockpot.text.ShellWords;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Finds in a command line what only a shell understands, which none is started for. */
final class ShellSyntax {
    private static final Set<String> OPERATORS = Set.of(
            "&&", "||", "|", "|&", ";", "&", ">", ">>", "<", "<<", "<<<", "2>", "2>>", "&>", "2>&1", ">&2", "1>&2");

    private static final Set<String> BUILT_IN =
            Set.of("source", ".", "cd", "export", "set", "ulimit", "alias", "eval", "module");

    private static final Pattern REDIRECTION = Pattern.compile("(?:[012&]?>>?|<)[^>&(].*");
    private static final Pattern ASSIGNMENT = Pattern.compile("[A-Za-z_]\\w*=.*", Pattern.DOTALL);

    private ShellSyntax() {}

    /** The first such word of a line, outside of quotes; empty if a program can be started from it as it is. */
    static Optional<String> first(String line) {
        boolean program = true;
        for (String word : blanked(line).strip().split("\\s+")) {
            boolean shell = OPERATORS.contains(word)
                    || REDIRECTION.matcher(word).matches()
                    || word.length() > 1 && word.endsWith(";")
                    || program
                            && (BUILT_IN.contains(word)
                                    || ASSIGNMENT.matcher(word).matches());
            if (shell) {
                return Optional.of(word);
            }
            program = false;
        }
        return Optional.empty();
    }

    /** The line with a letter in place of each character that is quoted. */
    private static String blanked(String line) {
        StringBuilder blanked = new StringBuilder();
        char quote = 0;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (quote == 0 && (c == '\'' || c == '"')) {
                quote = c;
                blanked.append('q');
            } else if (c == '\\' && quote != '\'') {
                i++;
                blanked.append("q");
            } else if (quote != 0) {
                quote = c == quote ? 0 : quote;
                blanked.append('q');
            } else {
                blanked.append(c);
            }
        }
        return blanked.toString();
    }

    /** A line that has a shell run this one. */
    static String forShell(String line) {
        String shell = BUILT_IN.contains(line.strip().split("\\s+")[0]) ? "bash" : "sh";
        return shell + " -c " + ShellWords.quoted(line);
    }
}
