package dev.stockpot.soup.mixture;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Names that libraries have given to the same tensors at different times, as changes that would match them. */
final class KnownNames {
    private static final String PARAMETRIZED = "parametrizations.weight.";

    /**
     * What is changed together: LayerNorm in BERT's first files; torch.nn.utils.weight_norm, and spectral_norm, before they
     * became parametrizations; adapters as PEFT holds them and as it saves them; models with images in transformers 4.52.
     */
    private static final List<List<Change>> KNOWN = List.of(
            List.of(change("\\bgamma$", "weight"), change("\\bbeta$", "bias")),
            List.of(
                    change("\\bweight_g$", PARAMETRIZED + "original0"),
                    change("\\bweight_v$", PARAMETRIZED + "original1")),
            List.of(
                    change("\\bweight_orig$", PARAMETRIZED + "original"),
                    change("\\bweight_u$", PARAMETRIZED + "0._u"),
                    change("\\bweight_v$", PARAMETRIZED + "0._v")),
            List.of(change("\\.(lora_\\w+)\\.default\\b", ".$1")),
            List.of(change("^language_model\\.model\\.", "model.language_model.")));

    /** Prefixes that training adds to some names only where it adds others to the rest. */
    private static final List<String> PREFIXES = List.of("module.", "_orig_mod.", "model.", "module._orig_mod.");

    private KnownNames() {}

    private record Change(Pattern pattern, String replacement) {
        String of(String name) {
            return pattern.matcher(name).replaceAll(replacement);
        }

        @Override
        public String toString() {
            return "rename " + pattern.pattern() + "=" + replacement;
        }
    }

    private static Change change(String regex, String replacement) {
        return new Change(Pattern.compile(regex), replacement);
    }

    /** The changes of names, each as a choice of {@code NAMES_DIFFER}, that make more of these names the same. */
    static List<String> changes(Set<String> names, Set<String> others) {
        List<String> choices = new ArrayList<>();
        Set<String> a = names;
        Set<String> b = others;
        for (String prefix : PREFIXES) {
            Set<String> x = stripped(a, prefix);
            Set<String> y = stripped(b, prefix);
            // One prefix at most: the option takes one.
            if (choices.isEmpty() && common(x, y) > common(a, b) && x.size() == a.size() && y.size() == b.size()) {
                choices.add("strip " + prefix);
                a = x;
                b = y;
            }
        }
        for (List<Change> changes : KNOWN) {
            Set<String> x = changed(a, changes);
            Set<String> y = changed(b, changes);
            if (common(x, y) > common(a, b) && x.size() == a.size() && y.size() == b.size()) {
                for (Change change : changes) {
                    if (differs(a, change) || differs(b, change)) {
                        choices.add(change.toString());
                    }
                }
                a = x;
                b = y;
            }
        }
        return choices;
    }

    private static boolean differs(Set<String> names, Change change) {
        return names.stream().anyMatch(name -> !change.of(name).equals(name));
    }

    private static Set<String> changed(Set<String> names, List<Change> changes) {
        Set<String> changed = new HashSet<>();
        for (String name : names) {
            String next = name;
            for (Change change : changes) {
                next = change.of(next);
            }
            changed.add(next);
        }
        return changed;
    }

    private static Set<String> stripped(Set<String> names, String prefix) {
        Set<String> stripped = new HashSet<>();
        for (String name : names) {
            boolean begins = name.startsWith(prefix) && name.length() > prefix.length();
            stripped.add(begins ? name.substring(prefix.length()) : name);
        }
        return stripped;
    }

    static int common(Set<String> a, Set<String> b) {
        int common = 0;
        for (String name : a) {
            common += b.contains(name) ? 1 : 0;
        }
        return common;
    }
}
