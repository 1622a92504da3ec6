package dev.stockpot.engine.write;

import dev.stockpot.checkpoint.Part;
import dev.stockpot.engine.disk.OutputFiles;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where the parts of an output are until they are joined: each in a folder of its own, in one folder beside the output. */
final class PartFolder {
    private static final Pattern NAME = Pattern.compile("part-(\\d{1,9})-of-(\\d{1,9})");

    private PartFolder() {}

    /** The folder of all parts of an output, whose links are followed. */
    static Path all(Path out) {
        return out.resolveSibling(out.getFileName() + ".parts");
    }

    private static String name(Part part) {
        return "part-" + part.number() + "-of-" + part.of();
    }

    /** The part that a folder of that name has; empty if it has none. */
    static Optional<Part> part(String name) {
        Matcher found = NAME.matcher(name);
        if (!found.matches()) {
            return Optional.empty();
        }
        int number = Integer.parseInt(found.group(1));
        int of = Integer.parseInt(found.group(2));
        return number >= 1 && number <= of ? Optional.of(new Part(number, of)) : Optional.empty();
    }

    /**
     * Where a part of an output goes.
     *
     * @throws CheckpointException if the output is a file, or the part exists and must not be replaced
     */
    static OutputPath of(OutputFiles system, OutputPath out, Part part) {
        if (!out.directory()) {
            throw new CheckpointException(
                    Reason.UNSUPPORTED,
                    out.path(),
                    "is one file, and only the shards of a model directory are written in parts",
                    Details.of().hint("name a directory, without an extension"));
        }
        Path folder = all(out.path()).resolve(name(part));
        try {
            if (!out.replace() && system.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
                throw new CheckpointException(Reason.EXISTS, folder, "exists already: part " + part + " is written");
            }
        } catch (IOException e) {
            throw CheckpointException.unwritable(folder, e);
        }
        return new OutputPath(folder, folder, OutputFormat.DIRECTORY, false);
    }

    /** Makes room for a part: the folder that it goes to, without an earlier one if that is to be replaced. */
    static void prepare(OutputFiles system, OutputPath part) throws IOException {
        Path all = part.path().getParent();
        try {
            if (!system.isFolder(all)) {
                system.createFolder(all);
            }
        } catch (FileAlreadyExistsException e) {
            // Another part was faster.
        }
        system.delete(part.path());
    }
}
