package dev.stockpot.engine.write;

import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.Rename;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.checkpoint.file.Template;
import dev.stockpot.checkpoint.file.WeightNames;
import dev.stockpot.run.RunListener;
import dev.stockpot.text.TensorNames;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Matches the names of a structure that is written into with those of an output, as the options for opening it say. */
final class LikeNames {
    private LikeNames() {}

    /**
     * Opens a structure for tensors of these names. A prefix that all of its own have in addition is stripped; tensors named in
     * {@code keeping} stay.
     */
    static Template open(WriteOptions.Like like, Set<String> names, Set<String> keeping) {
        Template found = open(like, like.options().stripPrefix(), Set.of());
        Set<String> all = new HashSet<>(names);
        all.addAll(keeping);
        Optional<String> prefix = WeightNames.prefix(found.shapes().keySet(), all);
        if (prefix.isEmpty() && keeping.isEmpty()) {
            return found;
        }
        found.close();
        return open(like, prefix.or(like.options()::stripPrefix), keeping);
    }

    private static Template open(WriteOptions.Like like, Optional<String> prefix, Set<String> keeping) {
        return Templates.open(
                like.file(),
                new Template.Naming(
                        like.options().keys(),
                        like.options().marksKeys(),
                        prefix,
                        name -> {
                            String renamed = name;
                            for (Rename rename : like.options().renames()) {
                                renamed = rename.of(renamed);
                            }
                            return renamed;
                        },
                        keeping));
    }

    /** How to open what was written, under the names of the output: with those changes that its names need. */
    static OpenOptions reopening(Template template, OpenOptions options) {
        List<Rename> renames = options.renames();
        OpenOptions.Builder reopening = OpenOptions.builder();
        options.keys().forEach(reopening::key);
        reopening.marksKeys(options.marksKeys());
        template.stripped().ifPresent(reopening::stripPrefix);
        String prefix = template.stripped().orElse("");
        List<String> names = new ArrayList<>();
        for (String name : renames.isEmpty() ? Set.<String>of() : template.names()) {
            names.add(name.startsWith(prefix) ? name.substring(prefix.length()) : name);
        }
        for (Rename rename : renames) {
            List<String> before = List.copyOf(names);
            names.replaceAll(rename::of);
            if (!names.equals(before)) {
                reopening.rename(rename.regex(), rename.replacement());
            }
        }
        return reopening.build();
    }

    /** Says what the output has from the file that it is like, and what it has not. */
    static void tell(Template structure, RunListener listener) {
        String file = structure.file() + ": ";
        Set<String> own = structure.weightsKept();
        if (!own.isEmpty()) {
            listener.note(file + "the output keeps its own values of what is excluded: " + TensorNames.counted(own));
        }
        structure.notes().forEach(note -> listener.note(file + note));
        structure.warnings().forEach(warning -> listener.warning(file + warning));
    }
}
