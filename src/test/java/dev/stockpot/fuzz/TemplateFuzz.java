package dev.stockpot.fuzz;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.file.Template;
import dev.stockpot.error.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/** A file of a format that is written like another: opened, its values read, written like itself and read again. */
final class TemplateFuzz implements FuzzTarget {
    private final Path file;
    private final List<OpenOptions> ways;
    private final BiFunction<Path, Template.Naming, Template> open;

    /** @param ways to open it; each goes with a template of the same keys */
    TemplateFuzz(String ending, List<OpenOptions> ways, BiFunction<Path, Template.Naming, Template> open) {
        this(FuzzTarget.file(ending), ways, open);
    }

    /** The same in a folder that has more than the file. */
    TemplateFuzz(Path file, List<OpenOptions> ways, BiFunction<Path, Template.Naming, Template> open) {
        this.file = file;
        this.ways = ways;
        this.open = open;
    }

    @Override
    public void run(byte[] input) throws IOException {
        Files.write(file, input);
        for (OpenOptions way : ways) {
            Template.Naming naming = new Template.Naming(way.keys(), false, Optional.empty(), name -> name, Set.of());
            try (Checkpoint checkpoint = Checkpoint.open(file, way)) {
                WrittenAgain.check(checkpoint, file);
                try (Template template = open.apply(file, naming)) {
                    WrittenAgain.check(template, checkpoint, file, way);
                }
            } catch (CheckpointException e) {
                Refusal.check(e, input);
            }
        }
    }
}
