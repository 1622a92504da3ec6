package dev.stockpot.evaluate.torchscript;

import dev.stockpot.error.Details;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorSpec;
import dev.stockpot.text.NameList;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which of a module's tensors take which of a candidate's. Their names are equal once one prefix of whole dotted parts is
 * removed from the module's names and one from the candidate's; either prefix may be empty.
 *
 * @param byCandidate module tensors by the candidate's names; several if the module ties them and the candidate holds one
 * @param notes for the user
 */
record NameMatch(Map<String, List<String>> byCandidate, List<String> notes) {
    private static final int LISTED = 5;

    /**
     * Matches all tensors.
     *
     * @param module the module's tensors, in its own order
     * @throws EvaluationException if names on either side have no counterpart, or shapes or kinds differ; it lists them.
     *     Buffers that the candidate lacks keep the module's values, as constants that checkpoints do not hold; the running
     *     statistics of batch normalisation are learned and must not be missing
     */
    static NameMatch of(List<ModuleTensor> module, Candidate candidate) {
        Map<String, ModuleTensor> byName = new LinkedHashMap<>();
        module.forEach(tensor -> byName.put(tensor.name(), tensor));
        Prefixes prefixes = Prefixes.best(byName.keySet(), candidate.tensors().keySet());

        Map<String, List<String>> matched = new LinkedHashMap<>();
        Map<String, ModuleTensor> unmatched = new LinkedHashMap<>(byName);
        List<String> foreign = new ArrayList<>();
        List<String> different = new ArrayList<>();
        candidate.tensors().forEach((name, tensor) -> {
            ModuleTensor counterpart = unmatched.remove(prefixes.inModule(name));
            if (counterpart == null) {
                foreign.add(name);
            } else {
                matched.put(name, new ArrayList<>(List.of(counterpart.name())));
                difference(tensor, counterpart).ifPresent(different::add);
            }
        });
        unmatched.values().removeIf(tensor -> joinTied(tensor, byName, matched));
        List<String> missing = new ArrayList<>();
        List<String> constants = new ArrayList<>();
        unmatched.values().forEach(tensor -> (keepsItsOwn(tensor) ? constants : missing).add(tensor.name()));

        if (!foreign.isEmpty() || !missing.isEmpty() || !different.isEmpty()) {
            throw misfit(candidate.name(), byName.isEmpty(), foreign, missing, different);
        }
        return new NameMatch(matched, notes(prefixes, constants));
    }

    private static Optional<String> difference(TensorSpec tensor, ModuleTensor module) {
        if (!tensor.shape().equals(module.shape())) {
            return Optional.of("'" + module.name() + "' is " + module.shape() + " in the module but " + tensor.shape());
        }
        boolean bothFloat = tensor.dtype().isFloat() && module.dtype().isFloat();
        boolean bothWhole = whole(tensor.dtype()) && whole(module.dtype());
        if (!bothFloat && !bothWhole && tensor.dtype() != module.dtype()) {
            return Optional.of("'" + module.name() + "' is " + module.dtype() + " in the module but " + tensor.dtype());
        }
        return Optional.empty();
    }

    private static boolean whole(DType dtype) {
        return dtype.kind() == DType.Kind.INTEGER || dtype.kind() == DType.Kind.BOOLEAN;
    }

    private static boolean joinTied(
            ModuleTensor tensor, Map<String, ModuleTensor> byName, Map<String, List<String>> matched) {
        for (List<String> names : matched.values()) {
            if (tensor.tiedTo(byName.get(names.get(0)))) {
                names.add(tensor.name());
                return true;
            }
        }
        return false;
    }

    private static boolean keepsItsOwn(ModuleTensor tensor) {
        return !tensor.parameter()
                && !tensor.name().endsWith("running_mean")
                && !tensor.name().endsWith("running_var");
    }

    private static EvaluationException misfit(
            String candidate, boolean empty, List<String> foreign, List<String> missing, List<String> different) {
        List<String> parts = new ArrayList<>();
        if (!foreign.isEmpty()) {
            parts.add("the module has no " + listed(foreign, "'"));
        }
        if (!missing.isEmpty()) {
            parts.add("the candidate has no " + listed(missing, "'"));
        }
        if (!different.isEmpty()) {
            parts.add(listed(different, "") + " in the candidate");
        }
        return new EvaluationException(
                Reason.MODULE,
                candidate + " does not fit the module: " + String.join("; ", parts),
                Details.of().hint(empty ? "the module has no parameters: save it before torch.jit.freeze" : null));
    }

    private static String listed(List<String> names, String quote) {
        return NameList.of(names.stream().map(name -> quote + name + quote).toList(), LISTED);
    }

    private static List<String> notes(Prefixes prefixes, List<String> constants) {
        List<String> notes = new ArrayList<>();
        if (!prefixes.module().isEmpty() || !prefixes.candidate().isEmpty()) {
            notes.add("the module's names are matched to the checkpoint's "
                    + (prefixes.module().isEmpty() ? "" : "without the module's '" + prefixes.module() + "'")
                    + (prefixes.module().isEmpty() || prefixes.candidate().isEmpty() ? "" : " and ")
                    + (prefixes.candidate().isEmpty()
                            ? ""
                            : "without the checkpoint's '" + prefixes.candidate() + "'"));
        }
        if (!constants.isEmpty()) {
            notes.add("buffers that the checkpoint lacks keep the module's own values: " + listed(constants, "'"));
        }
        return notes;
    }

    /** The module's prefix, and the candidate's prefix that it replaces. */
    private record Prefixes(String module, String candidate) {
        String inModule(String name) {
            return name.startsWith(candidate) ? module + name.substring(candidate.length()) : null;
        }

        /** The prefixes that match the most names; of several, the shortest. */
        static Prefixes best(Set<String> module, Set<String> candidate) {
            Prefixes best = new Prefixes("", "");
            long most = best.matches(module, candidate);
            if (most == candidate.size()) {
                return best;
            }
            for (Prefixes prefixes : possible(module, candidate)) {
                long matches = prefixes.matches(module, candidate);
                boolean shorter = prefixes.length() < best.length();
                if (matches > most || (matches == most && matches > 0 && shorter)) {
                    best = prefixes;
                    most = matches;
                }
            }
            return best;
        }

        private int length() {
            return module.length() + candidate.length();
        }

        private long matches(Set<String> moduleNames, Set<String> names) {
            return names.stream()
                    .map(this::inModule)
                    .filter(moduleNames::contains)
                    .count();
        }

        /** Pairs that match at least one name: what comes before the last dotted parts that two names share. */
        private static Set<Prefixes> possible(Set<String> module, Set<String> candidate) {
            Map<String, List<String>> byEnd =
                    module.stream().collect(Collectors.groupingBy(name -> name.substring(name.lastIndexOf('.') + 1)));
            Set<Prefixes> found = new LinkedHashSet<>();
            for (String name : candidate) {
                for (String other : byEnd.getOrDefault(name.substring(name.lastIndexOf('.') + 1), List.of())) {
                    int same = sameEnd(name, other);
                    Prefixes prefixes = new Prefixes(
                            other.substring(0, other.length() - same), name.substring(0, name.length() - same));
                    if (candidate.stream().allMatch(n -> n.startsWith(prefixes.candidate()))) {
                        found.add(prefixes);
                    }
                }
            }
            return found;
        }

        /** Length of the longest common suffix of whole dotted parts. */
        private static int sameEnd(String a, String b) {
            int whole = 0;
            for (int n = 1; n <= Math.min(a.length(), b.length()); n++) {
                if (a.charAt(a.length() - n) != b.charAt(b.length() - n)) {
                    break;
                }
                if (starts(a, n) && starts(b, n)) {
                    whole = n;
                }
            }
            return whole;
        }

        private static boolean starts(String name, int end) {
            return end == name.length() || name.charAt(name.length() - end - 1) == '.';
        }
    }
}
