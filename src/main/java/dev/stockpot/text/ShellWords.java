package dev.stockpot.text;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Words as a POSIX shell reads them back: in quotes where one needs them. */
public final class ShellWords {
    /** Words that every shell takes literally; braces with a comma between them it would expand. */
    private static final Pattern PLAIN = Pattern.compile("[\\w@%+=:,./-]+|[\\w@%+=:./-]*\\{\\w+}[\\w@%+=:./-]*");

    private ShellWords() {}

    /** One word, such as a path. */
    public static String quoted(String word) {
        return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    /** A command line of these words. */
    public static String join(List<String> words) {
        return words.stream().map(ShellWords::quoted).collect(Collectors.joining(" "));
    }
}
