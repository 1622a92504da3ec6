package dev.stockpot.soup.mixture;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.file.AveragedModel;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.text.NameList;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Takes prefixes off the names of the checkpoints that have them where others do not. It is certain that they are the same
 * names: without the prefix, all of them are, but for word embeddings, which {@link TiedTensors} looks at next. A prefix that
 * every checkpoint has belongs to the model and stays.
 */
final class Prefixes {
    /** What wraps a whole model: DataParallel and AveragedModel, torch.compile, Lightning, FSDP, DeepSpeed. */
    private static final Set<String> WRAPPERS = Set.of(
            "module", "_orig_mod", "model", "_fsdp_wrapped_module", "_forward_module", "_checkpoint_wrapped_module");

    /** Which of them wrap parts of a model too, and are no module's own name. */
    private static final Set<String> INNER = Set.of("_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module");

    private Prefixes() {}

    /** The checkpoints with the names that all of them then have; those that differ in more stay as they are. */
    static List<Checkpoint> takenOff(List<Checkpoint> checkpoints, List<String> notes) {
        for (boolean inner : new boolean[] {false, true}) {
            Optional<Map<Integer, Names>> alike = alike(checkpoints, inner);
            if (alike.isPresent()) {
                return apply(checkpoints, alike.get(), notes);
            }
        }
        return checkpoints;
    }

    /**
     * A checkpoint's names.
     *
     * @param prefix that all have in common, with the dot after it; those that tools may leave out are not asked
     * @param plain by the name in the file: without inner wrappers
     * @param counter whether there is an AveragedModel's counter besides
     */
    private record Names(String prefix, Map<String, String> plain, boolean counter) {
        static Names of(Checkpoint checkpoint, boolean inner) {
            boolean counter = AveragedModel.has(checkpoint.tensors().keySet(), AveragedModel.MODULE);
            Map<String, String> plain = new LinkedHashMap<>();
            List<String> always = new ArrayList<>();
            for (String name : checkpoint.tensors().keySet()) {
                if (!(counter && name.equals(AveragedModel.COUNTER))) {
                    plain.put(name, inner ? withoutInner(name) : name);
                    if (!TiedTensors.mayBeLeftOut(name)) {
                        always.add(plain.get(name));
                    }
                }
            }
            return new Names(commonPrefix(always.isEmpty() ? plain.values() : always), plain, counter);
        }

        /** The names after the prefix, without those that tools may leave out; empty if two are the same. */
        Set<String> base() {
            Set<String> base = new HashSet<>();
            for (Map.Entry<String, String> name : plain.entrySet()) {
                boolean asked = !TiedTensors.mayBeLeftOut(name.getKey());
                if (asked && !base.add(name.getValue().substring(prefix.length()))) {
                    return Set.of();
                }
            }
            return base;
        }

        boolean allBeginWith(String text) {
            return plain.values().stream().allMatch(name -> name.startsWith(text));
        }
    }

    /** The names of all checkpoints whose names are the first one's but for a prefix; empty if that explains nothing. */
    private static Optional<Map<Integer, Names>> alike(List<Checkpoint> checkpoints, boolean inner) {
        Map<Integer, Names> alike = new TreeMap<>();
        Names first = Names.of(checkpoints.get(0), inner);
        Set<String> base = first.base();
        for (int k = 0; k < checkpoints.size(); k++) {
            Names names = k == 0 ? first : Names.of(checkpoints.get(k), inner);
            if (!base.isEmpty() && (k == 0 || names.base().equals(base))) {
                alike.put(k, names);
            }
        }
        Set<String> names = checkpoints.get(0).tensors().keySet();
        if (alike.keySet().stream()
                .allMatch(k -> checkpoints.get(k).tensors().keySet().equals(names))) {
            return Optional.empty();
        }
        String kept = kept(alike.values());
        boolean plain = false;
        boolean wrappers = true;
        for (Names some : alike.values()) {
            String off = off(some, kept);
            if (!some.allBeginWith(off)) {
                return Optional.empty();
            }
            plain |= off.isEmpty();
            wrappers &= off.isEmpty() || WRAPPERS.containsAll(List.of(off.split("\\.")));
        }
        return plain || wrappers ? Optional.of(alike) : Optional.empty();
    }

    private static List<Checkpoint> apply(List<Checkpoint> checkpoints, Map<Integer, Names> alike, List<String> notes) {
        String kept = kept(alike.values());
        List<Checkpoint> renamed = new ArrayList<>(checkpoints);
        Map<String, List<String>> told = new LinkedHashMap<>();
        alike.forEach((k, names) -> {
            Checkpoint checkpoint = checkpoints.get(k);
            String off = off(names, kept);
            List<TensorInfo> tensors = new ArrayList<>();
            names.plain()
                    .forEach((name, plain) ->
                            tensors.add(checkpoint.tensors().get(name).named(plain.substring(off.length()))));
            boolean same = tensors.stream().allMatch(t -> checkpoint.tensors().containsKey(t.name()));
            if (!same || names.counter()) {
                renamed.set(k, checkpoint.withTensors(tensors));
                String what = taken(off, same)
                        + (names.counter() ? (same ? "" : ", ") + AveragedModel.COUNTER + " left out" : "");
                told.computeIfAbsent(what, w -> new ArrayList<>())
                        .add(checkpoint.path().toString());
            }
        });
        String but = leftOut(alike.keySet().stream().map(renamed::get).toList());
        told.forEach((what, paths) ->
                notes.add(NameList.of(paths) + ": " + what + "; without that, all names" + but + " are the same"));
        return renamed;
    }

    /** The names that some do not have, such as {@code  but lm_head.weight}; empty if there are none. */
    private static String leftOut(List<Checkpoint> checkpoints) {
        Set<String> some = new LinkedHashSet<>();
        checkpoints.forEach(c -> some.addAll(c.tensors().keySet()));
        some.removeIf(name -> checkpoints.stream().allMatch(c -> c.tensors().containsKey(name)));
        return some.isEmpty() ? "" : " but " + NameList.of(List.copyOf(some));
    }

    private static String taken(String off, boolean same) {
        String what = off.isEmpty() ? "modules that only wrap others are" : "the prefix " + off + " is";
        return same ? "" : what + " taken off all names";
    }

    /** What is taken off: the part of the prefix before {@code kept}. */
    private static String off(Names names, String kept) {
        return names.prefix().substring(0, names.prefix().length() - kept.length());
    }

    /** The part of the prefixes that all of them end with, which belongs to the model. */
    private static String kept(Collection<Names> all) {
        String kept = null;
        for (Names names : all) {
            kept = kept == null ? names.prefix() : commonEnd(kept, names.prefix());
        }
        return kept;
    }

    /** The longest text that both end with, from the beginning of a part between dots. */
    private static String commonEnd(String a, String b) {
        String end = a;
        while (!b.endsWith(end) || !(b.length() == end.length() || b.charAt(b.length() - end.length() - 1) == '.')) {
            end = end.substring(end.indexOf('.') + 1);
            if (end.isEmpty()) {
                break;
            }
        }
        return end;
    }

    /** The longest text that ends with a dot and begins all of {@code names}, none of which ends there. */
    static String commonPrefix(Collection<String> names) {
        String prefix = null;
        for (String name : names) {
            String all = prefix == null ? name : prefix;
            int same = 0;
            int most = Math.min(all.length(), name.length() - 1);
            while (same < most && all.charAt(same) == name.charAt(same)) {
                same++;
            }
            prefix = all.substring(0, all.lastIndexOf('.', same - 1) + 1);
        }
        return prefix == null ? "" : prefix;
    }

    private static String withoutInner(String name) {
        StringBuilder rest = new StringBuilder();
        String[] parts = name.split("\\.", -1);
        for (int k = 0; k < parts.length; k++) {
            if (k == parts.length - 1 || !INNER.contains(parts[k])) {
                rest.append(rest.isEmpty() ? "" : ".").append(parts[k]);
            }
        }
        return rest.toString();
    }
}
