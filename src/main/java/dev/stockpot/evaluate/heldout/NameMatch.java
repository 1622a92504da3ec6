package dev.stockpot.evaluate.heldout;

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
 * Which of a network's tensors take which of a candidate's. Their names are equal once one prefix of whole dotted parts is
 * removed from the network's names and one from the candidate's; either prefix may be empty.
 *
 * @param byCandidate the network's tensors by the candidate's names; several if it ties them and the candidate holds one
 * @param notes for the user
 */
public record NameMatch(Map<String, List<String>> byCandidate, List<String> notes) {
    private static final int LISTED = 5;

    /**
     * Matches all tensors.
     *
     * @throws EvaluationException if names on either side have no counterpart, or shapes or kinds differ; it lists them.
     *     Tensors that are not learned and that the candidate lacks keep the network's values, as constants that
     *     checkpoints do not hold
     */
    public static NameMatch of(Network network, Candidate candidate) {
        Map<String, NetworkTensor> byName = new LinkedHashMap<>();
        network.tensors().forEach(tensor -> byName.put(tensor.name(), tensor));
        Prefixes prefixes = Prefixes.best(byName.keySet(), candidate.tensors().keySet());

        Map<String, List<String>> matched = new LinkedHashMap<>();
        Map<String, NetworkTensor> unmatched = new LinkedHashMap<>(byName);
        List<String> foreign = new ArrayList<>();
        List<String> counters = new ArrayList<>();
        List<String> different = new ArrayList<>();
        candidate.tensors().forEach((name, tensor) -> {
            NetworkTensor counterpart = unmatched.remove(prefixes.inModule(name));
            if (counterpart == null) {
                (network.countersGone() && whole(tensor.dtype()) ? counters : foreign).add(name);
            } else {
                matched.put(name, new ArrayList<>(List.of(counterpart.name())));
                difference(tensor, counterpart, network.noun()).ifPresent(different::add);
            }
        });
        unmatched.values().removeIf(tensor -> joinTied(tensor, byName, matched));
        List<String> missing = new ArrayList<>();
        List<String> constants = new ArrayList<>();
        unmatched.values().forEach(tensor -> (tensor.learned() ? missing : constants).add(tensor.name()));

        if (!foreign.isEmpty() || !missing.isEmpty() || !different.isEmpty()) {
            throw misfit(network, candidate.name(), foreign, missing, different);
        }
        return new NameMatch(matched, notes(network, prefixes, constants, counters));
    }

    private static Optional<String> difference(TensorSpec tensor, NetworkTensor own, String noun) {
        String is = "'" + own.name() + "' is ";
        if (!tensor.shape().equals(own.shape())) {
            return Optional.of(is + own.shape() + " in the " + noun + " but " + tensor.shape());
        }
        boolean bothFloat = tensor.dtype().isFloat() && own.dtype().isFloat();
        boolean bothWhole = whole(tensor.dtype()) && whole(own.dtype());
        if (!bothFloat && !bothWhole && tensor.dtype() != own.dtype()) {
            return Optional.of(is + own.dtype() + " in the " + noun + " but " + tensor.dtype());
        }
        return Optional.empty();
    }

    private static boolean whole(DType dtype) {
        return dtype.kind() == DType.Kind.INTEGER || dtype.kind() == DType.Kind.BOOLEAN;
    }

    private static boolean joinTied(
            NetworkTensor tensor, Map<String, NetworkTensor> byName, Map<String, List<String>> matched) {
        for (List<String> names : matched.values()) {
            if (tensor.tiedTo(byName.get(names.get(0)))) {
                names.add(tensor.name());
                return true;
            }
        }
        return false;
    }

    private static EvaluationException misfit(
            Network network, String candidate, List<String> foreign, List<String> missing, List<String> different) {
        List<String> parts = new ArrayList<>();
        if (!foreign.isEmpty()) {
            parts.add("the " + network.noun() + " has no " + listed(foreign, "'"));
        }
        if (!missing.isEmpty()) {
            parts.add("the candidate has no " + listed(missing, "'"));
        }
        if (!different.isEmpty()) {
            parts.add(listed(different, "") + " in the candidate");
        }
        String hint = network.tensors().isEmpty()
                ? network.emptyHint()
                : foreign.isEmpty() && missing.isEmpty() ? null : network.foreignHint();
        return new EvaluationException(
                Reason.MODULE,
                candidate + " does not fit the " + network.noun() + ": " + String.join("; ", parts),
                Details.of().hint(hint));
    }

    private static String listed(List<String> names, String quote) {
        return NameList.of(names.stream().map(name -> quote + name + quote).toList(), LISTED);
    }

    private static List<String> notes(
            Network network, Prefixes prefixes, List<String> constants, List<String> counters) {
        List<String> notes = new ArrayList<>();
        if (!prefixes.module().isEmpty() || !prefixes.candidate().isEmpty()) {
            notes.add("the " + network.noun() + "'s names are matched to the checkpoint's "
                    + (prefixes.module().isEmpty()
                            ? ""
                            : "without the " + network.noun() + "'s '" + prefixes.module() + "'")
                    + (prefixes.module().isEmpty() || prefixes.candidate().isEmpty() ? "" : " and ")
                    + (prefixes.candidate().isEmpty()
                            ? ""
                            : "without the checkpoint's '" + prefixes.candidate() + "'"));
        }
        if (!constants.isEmpty()) {
            notes.add(network.constants() + " that the checkpoint lacks keep the " + network.noun() + "'s own values: "
                    + listed(constants, "'"));
        }
        if (!counters.isEmpty()) {
            notes.add("integers of the checkpoint that the " + network.noun() + " does not have: "
                    + listed(counters, "'"));
        }
        return notes;
    }

    /** The network's prefix, and the candidate's prefix that it replaces. */
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
