package dev.stockpot.checkpoint;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The shards of one model, as their names say.
 *
 * @param present their names
 * @param missing how many are not there
 * @param index the name of the index that they need
 */
record Shards(List<String> present, int missing, String index) {
    private static final Pattern NAME = Pattern.compile("(.+)-(\\d{5})-of-(\\d{5})(\\.\\w+)?\\.(safetensors|bin)");

    /** If all {@code files} are shards of one model. */
    static Optional<Shards> among(List<Path> files) {
        List<String> names = new ArrayList<>();
        TreeSet<String> numbers = new TreeSet<>();
        TreeSet<String> models = new TreeSet<>();
        int count = 0;
        String index = "";
        for (Path file : files) {
            Matcher shard = NAME.matcher(file.getFileName().toString());
            if (!shard.matches()) {
                return Optional.empty();
            }
            names.add(shard.group());
            numbers.add(shard.group(2));
            models.add(shard.group(1) + shard.group(3) + shard.group(4) + shard.group(5));
            count = Integer.parseInt(shard.group(3));
            index = shard.group(1) + "." + shard.group(5) + ".index.json";
        }
        return models.size() == 1
                ? Optional.of(new Shards(names, Math.max(0, count - numbers.size()), index))
                : Optional.empty();
    }

    /** Which there are, and how many more there should be. */
    String told() {
        String last = present.size() == 1 ? "" : " to " + present.get(present.size() - 1);
        String more = missing == 0 ? "" : "; " + missing + (missing == 1 ? " more is" : " more are") + " missing";
        return present.get(0) + last + more;
    }

    /** What to do. */
    String hint() {
        return "each shard is a part of one model, so none of them is an ingredient: get " + index
                + (missing == 0 ? "" : " and the missing shards") + " from where the model came from";
    }
}
