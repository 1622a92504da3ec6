package dev.stockpot.report;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.system.FileDigest;
import dev.stockpot.text.Figures;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What a report says about the models themselves: files, sizes, types, hashes and hyperparameters. */
public final class ModelParts {
    private ModelParts() {}

    /**
     * The files of all models, each read once for its SHA-256: what {@code sha256sum} and the Hub show.
     *
     * @throws CheckpointException if one cannot be read
     */
    public static Part files(List<Checkpoint> models) {
        List<String> names = Names.of(models);
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < models.size(); i++) {
            Checkpoint model = models.get(i);
            String types = model.tensors().values().stream()
                    .map(t -> t.dtype().toString())
                    .distinct()
                    .collect(Collectors.joining(", "));
            for (Checkpoint.FileSize file : model.files()) {
                rows.add(List.of(
                        names.get(i),
                        file.file().toString(),
                        Figures.bytes(file.bytes()),
                        types,
                        Figures.count(model.parameters()),
                        FileDigest.sha256(file.file())));
            }
        }
        return new Part.Numbers(
                "Ingredients", List.of("ingredient", "file", "size", "types", "parameters", "SHA-256"), rows);
    }

    /**
     * A table of the models' hyperparameters.
     *
     * @param columns hyperparameters by the model's number, then by name
     */
    public static Part hyperparameters(List<Checkpoint> models, Map<Integer, Map<String, Object>> columns) {
        List<String> names = Names.of(models);
        Set<String> all = new LinkedHashSet<>();
        columns.values().forEach(row -> all.addAll(row.keySet()));
        List<String> heads = new ArrayList<>(List.of("ingredient"));
        heads.addAll(all);
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < models.size(); i++) {
            List<String> row = new ArrayList<>(List.of(names.get(i)));
            for (String column : all) {
                Object value = columns.getOrDefault(i, Map.of()).getOrDefault(column, "");
                boolean whole =
                        value instanceof Double number && number == Math.rint(number) && Math.abs(number) < 1e15;
                row.add(whole ? Long.toString(((Double) value).longValue()) : value.toString());
            }
            rows.add(row);
        }
        return new Part.Numbers("Hyperparameters", heads, rows);
    }
}
