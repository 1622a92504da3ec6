package dev.stockpot.checkpoint.file;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file's name that says it holds a part of a model: a shard ({@code model-00001-of-00003.safetensors}), or what one rank of
 * a parallel run wrote ({@code consolidated.00.pth}, {@code model.rank_0.pth}, {@code mp_rank_00_model_states.pt}, {@code
 * mp_rank_00/model_optim_rng.pt}).
 *
 * @param series the name with a # for each of its numbers: alike in all parts of a model
 * @param part the part's number; several, with a blank between them, if ranks have several
 * @param of how many parts there are; 0 if the name does not say
 * @param certain whether some tool names parts so; otherwise people may name models so, as in {@code best_rank_1.pt}
 */
public record PartName(String series, String part, int of, boolean certain) {
    /** The groups of the pattern that are numbers of parts: 1 to this. */
    private static final int NUMBERS = 4;

    /** The group that is the number of all parts. */
    private static final int OF = 5;

    /** Of a file, if its name is one of a part. */
    public static Optional<PartName> of(Path file) {
        String name = name(file);
        boolean maybe = name.contains("rank")
                || name.contains("-of-")
                || name.contains("_of_")
                || name.contains("shard")
                || name.contains("consolidated")
                || name.contains("model_part");
        return maybe ? read(name) : Optional.empty();
    }

    /** With its folder's, if the folders are what the ranks are told apart by. */
    private static String name(Path file) {
        Path folder = file.getParent();
        String name = String.valueOf(file.getFileName());
        boolean ofRank = folder != null
                && folder.getFileName() != null
                && folder.getFileName().toString().startsWith("mp_rank_");
        return ofRank ? folder.getFileName() + "/" + name : name;
    }

    private static Optional<PartName> read(String name) {
        Matcher found = Patterns.PART.matcher(name);
        StringBuilder part = new StringBuilder();
        int of = 0;
        while (found.find()) {
            for (int group = 1; group <= NUMBERS; group++) {
                if (found.group(group) != null) {
                    part.append(part.length() == 0 ? "" : " ").append(found.group(group));
                }
            }
            of = found.group(OF) == null ? of : Integer.parseInt(found.group(OF));
        }
        return part.length() == 0 || of == 1
                ? Optional.empty()
                : Optional.of(new PartName(
                        Patterns.NUMBER.matcher(name).replaceAll("#"),
                        part.toString(),
                        of,
                        Patterns.CERTAIN.matcher(name).find()));
    }

    /** Whether files are parts of one model, all of them. */
    public static boolean areParts(List<Path> files) {
        Optional<PartName> first = files.size() < 2 ? Optional.empty() : of(files.get(0));
        if (first.isEmpty()) {
            return false;
        }
        for (Path file : files.subList(1, files.size())) {
            Optional<PartName> other = of(file);
            if (other.isEmpty() || !other.get().certain || !other.get().isOtherPartThan(first.get())) {
                return false;
            }
        }
        return true;
    }

    /** Whether this and {@code other} are different parts of models that were saved alike. */
    public boolean isOtherPartThan(PartName other) {
        return series.equals(other.series) && !part.equals(other.part);
    }

    /** Whether {@code file}, which this is the name of, is one of several: its name says so, or a neighbour is beside it. */
    public boolean isOneOfSeveral(Path file) {
        if (of > 1) {
            return true;
        }
        String name = name(file);
        Path folder = name.indexOf('/') < 0
                ? file.resolveSibling("")
                : file.getParent().resolveSibling("");
        Matcher found = Patterns.PART.matcher(name);
        while (found.find()) {
            for (int group = 1; group <= NUMBERS; group++) {
                if (found.group(group) != null && hasNeighbour(folder, name, found, group)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean hasNeighbour(Path folder, String name, Matcher found, int group) {
        String number = found.group(group);
        for (int neighbour : new int[] {Integer.parseInt(number) + 1, Integer.parseInt(number) - 1}) {
            String digits = Integer.toString(neighbour);
            String padded = "0".repeat(Math.max(0, number.length() - digits.length())) + digits;
            String beside = name.substring(0, found.start(group)) + padded + name.substring(found.end(group));
            if (Files.exists(folder.resolve(beside))) {
                return true;
            }
        }
        return false;
    }

    /** Compiled for the first name that may be one: most soups have none. */
    private static final class Patterns {
        static final Pattern NUMBER = Pattern.compile("\\d+");

        /** What is before a part's number, and in shards what is after it. */
        static final Pattern PART =
                Pattern.compile("(?<![a-zA-Z])(?:rank|shard|model_part)[._-]?(\\d{1,9})(?:_(\\d{1,9}))?(?!\\d)"
                        + "|^consolidated[._-](\\d{1,9})(?=\\.)"
                        + "|(?<!\\d)(\\d{1,9})[_-]of[_-](\\d{1,9})(?!\\d)");

        /** As tools write it: transformers pads its numbers, and what writes ranks says of what, or between dots. */
        static final Pattern CERTAIN = Pattern.compile("^consolidated[._-]\\d"
                + "|(?<![a-zA-Z])(?:mp|pp|tp|ep|dp)_rank_?\\d"
                + "|world_size_\\d+_rank_\\d"
                + "|\\.rank[._-]?\\d"
                + "|(?:shard|model_part)[._-]?\\d"
                + "|(?<!\\d)\\d{4,9}[_-]of[_-]\\d{4}");
    }
}
