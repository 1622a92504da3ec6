package dev.stockpot.text;

import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Names in a sentence: the first few, and how many more there are. */
public final class NameList {
    /** How many names a sentence usually lists. */
    private static final int USUAL = 3;

    private NameList() {}

    /** Such as {@code a, b, c and 4 more}. */
    public static String of(Collection<String> names) {
        return of(names, USUAL);
    }

    /** The first {@code shown}, and how many more. */
    public static String of(Collection<String> names, int shown) {
        String some = names.stream().limit(shown).collect(Collectors.joining(", "));
        return names.size() <= shown ? some : some + " and " + (names.size() - shown) + " more";
    }

    /** How {@code names} of tensors differ from those of a pattern: what they lack, and what they have in addition. */
    public static String difference(Set<String> names, Set<String> pattern) {
        Set<String> missing = new TreeSet<>(pattern);
        missing.removeAll(names);
        Set<String> extra = new TreeSet<>(names);
        extra.removeAll(pattern);
        return Stream.of(counted("lacks", missing), counted("has in addition", extra))
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining(" and "));
    }

    private static String counted(String verb, Set<String> names) {
        return names.isEmpty()
                ? ""
                : verb + " " + names.size() + (names.size() == 1 ? " tensor (" : " tensors (")
                        + TensorNames.listed(names) + ")";
    }
}
