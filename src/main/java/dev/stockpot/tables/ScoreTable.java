package dev.stockpot.tables;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.evaluate.MetricDirection;
import dev.stockpot.system.NamedFile;
import dev.stockpot.text.JsonValues;
import dev.stockpot.text.ModelNames;
import dev.stockpot.text.NameList;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Models' scores from a file: a table with a line of column names, separated by commas, tabs or semicolons, a JSON array of objects, one object of numbers by name, JSON
 * lines, or what the commands {@code greedy} and {@code evaluate} print as JSON. A row's name is under {@code name}, {@code
 * ingredient}, {@code checkpoint}, {@code model_name}, {@code model}, {@code path} or {@code file}.
 */
public final class ScoreTable {
    private static final List<String> NAME_COLUMNS =
            List.of("name", "ingredient", "checkpoint", "model_name", "model", "path", "file");

    private static final int MAX_BYTES = 100_000_000;

    private static final String SCORE_COLUMN = "score";

    /** Where the commands' own JSON keeps its rows. */
    private static final List<String> ROW_FIELDS = List.of("individual", "results");

    private final Path file;
    private final List<Map<String, Object>> rows;

    private ScoreTable(Path file, List<Map<String, Object>> rows) {
        this.file = file;
        this.rows = rows;
    }

    /**
     * Reads a table.
     *
     * @throws CheckpointException if it cannot be read, or holds no rows of a known form
     */
    public static ScoreTable read(Path file) {
        try {
            String text = text(NamedFile.read(file, MAX_BYTES)).strip();
            boolean json = text.startsWith("{") || text.startsWith("[");
            List<Map<String, Object>> rows = json ? jsonRows(text) : DelimitedText.rows(text, NAME_COLUMNS);
            if (rows.isEmpty()) {
                throw new CheckpointException(Reason.NO_SCORE, file, "holds no scores");
            }
            return new ScoreTable(file, rows);
        } catch (NoSuchFileException e) {
            throw new CheckpointException(
                    Reason.NOT_FOUND, file, "does not exist", Details.of().cause(e));
        } catch (IOException e) {
            throw new CheckpointException(
                    Reason.UNREADABLE,
                    file,
                    "cannot be read as scores: " + e.getMessage(),
                    Details.of().cause(e));
        }
    }

    /** Spreadsheets begin with a byte order mark, and save "Unicode text" as UTF-16. */
    private static String text(byte[] bytes) throws IOException {
        boolean little = bytes.length > 1 && bytes[0] == (byte) 0xFF && bytes[1] == (byte) 0xFE;
        boolean big = bytes.length > 1 && bytes[0] == (byte) 0xFE && bytes[1] == (byte) 0xFF;
        String text = (little || big ? StandardCharsets.UTF_16 : StandardCharsets.UTF_8)
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes))
                .toString();
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    private static List<Map<String, Object>> jsonRows(String text) throws IOException {
        List<Map<String, Object>> rows = new ArrayList<>();
        try (JsonParser json = new JsonFactory().createParser(text)) {
            while (json.nextToken() != null) {
                addRows(JsonValues.read(json), rows);
            }
        }
        return rows;
    }

    private static void addRows(Object value, List<Map<String, Object>> rows) {
        if (value instanceof List<?> list) {
            list.forEach(element -> addRows(element, rows));
        } else if (value instanceof Map<?, ?> map) {
            Map<String, Object> row = new LinkedHashMap<>();
            map.forEach((key, field) -> row.put((String) key, field));
            for (String field : ROW_FIELDS) {
                if (row.get(field) instanceof List<?> inner) {
                    addRows(inner, rows);
                    return;
                }
            }
            if (NAME_COLUMNS.stream().noneMatch(row::containsKey)) {
                row.forEach((name, what) -> rows.add(named(name, what)));
                return;
            }
            if (row.remove("metrics") instanceof Map<?, ?> metrics) {
                metrics.forEach((key, number) -> row.put((String) key, number));
            }
            rows.add(row);
        }
    }

    private static Map<String, Object> named(String name, Object what) {
        Map<String, Object> row = new LinkedHashMap<>();
        if (what instanceof Map<?, ?> columns) {
            columns.forEach((column, value) -> row.put((String) column, value));
        } else {
            row.put(SCORE_COLUMN, what);
        }
        row.put(NAME_COLUMNS.get(0), name);
        return row;
    }

    /** Scores by the ingredients' number, and the name of the column that holds them. */
    public record Column(String name, Map<Integer, Double> scores) {
        public Column {
            scores = Map.copyOf(scores);
        }
    }

    /** The same as {@link #column}, without the column's name. */
    public Map<Integer, Double> of(List<Checkpoint> ingredients, Optional<String> metric, Consumer<String> notes) {
        return column(ingredients, metric, notes).scores();
    }

    /**
     * The scores of {@code ingredients} by their number. A row is an ingredient's if its name is the ingredient's path, its
     * file's name with or without ending, or its folder's name if the file's is generic (model.* or
     * pytorch_model.*).
     *
     * @param metric the column to take; if none is named, {@code score}, or else the first column of numbers that is named
     *     after a metric, or else the first column of numbers. A table whose one column of numbers is {@code score} has the scores of whatever metric is named
     * @param notes receives the names of rows that are no ingredient's, and any choice among columns
     * @throws SoupException if an ingredient has no row or several, a score is not a finite number, or there is no column of
     *     the metric
     */
    public Column column(List<Checkpoint> ingredients, Optional<String> metric, Consumer<String> notes) {
        Map<String, Set<Integer>> byName = owners(ingredients);
        String column = column(metric, notes);
        Map<Integer, Double> scores = new HashMap<>();
        List<String> unmatched = new ArrayList<>();
        for (Map<String, Object> row : rows) {
            String name = name(row);
            Set<Integer> owners = byName.getOrDefault(name, Set.of());
            if (owners.isEmpty()) {
                unmatched.add(name);
            } else if (owners.size() > 1) {
                throw new SoupException(
                        Reason.NO_SCORE,
                        file + ": " + name + " fits " + owners.size() + " ingredients: name their paths",
                        Details.of().file(file));
            } else {
                int owner = owners.iterator().next();
                double score = score(row, name, column);
                Double other = scores.put(owner, score);
                if (other != null && other != score) {
                    throw new SoupException(
                            Reason.NO_SCORE,
                            file + ": " + name + " has two scores, " + other + " and " + score,
                            Details.of().file(file));
                }
            }
        }
        List<String> missing = new ArrayList<>();
        for (int i = 0; i < ingredients.size(); i++) {
            if (!scores.containsKey(i)) {
                missing.add(ingredients.get(i).path().toString());
            }
        }
        if (!missing.isEmpty()) {
            String unknown = unmatched.isEmpty()
                    ? ""
                    : "; it has scores of " + NameList.of(unmatched) + ", which are not ingredients";
            throw new SoupException(
                    Reason.NO_SCORE,
                    file + ": no score for " + NameList.of(missing) + unknown,
                    Details.of().file(file));
        }
        if (!unmatched.isEmpty()) {
            notes.accept(file + " has scores of " + NameList.of(unmatched) + ", which are not ingredients");
        }
        return new Column(column, scores);
    }

    /**
     * All columns of {@code ingredients} by their number: texts, doubles and booleans by column name, without the names
     * themselves. An ingredient without a row is left out, and of several rows the last counts.
     */
    public Map<Integer, Map<String, Object>> columns(List<Checkpoint> ingredients) {
        Map<String, Set<Integer>> byName = owners(ingredients);
        Map<Integer, Map<String, Object>> columns = new HashMap<>();
        for (Map<String, Object> row : rows) {
            Map<String, Object> others = new LinkedHashMap<>(row);
            NAME_COLUMNS.forEach(others::remove);
            byName.getOrDefault(name(row), Set.of()).forEach(owner -> columns.put(owner, others));
        }
        return columns;
    }

    private static Map<String, Set<Integer>> owners(List<Checkpoint> ingredients) {
        Map<String, Set<Integer>> byName = new HashMap<>();
        for (int i = 0; i < ingredients.size(); i++) {
            for (String name : ModelNames.all(ingredients.get(i).path())) {
                byName.computeIfAbsent(name, n -> new LinkedHashSet<>()).add(i);
            }
        }
        return byName;
    }

    private String name(Map<String, Object> row) {
        return NAME_COLUMNS.stream()
                .filter(row::containsKey)
                .map(column -> row.get(column).toString())
                .findFirst()
                .orElseThrow(() -> new CheckpointException(
                        Reason.NO_SCORE,
                        file,
                        "has no column of names (" + String.join(", ", NAME_COLUMNS) + ") but " + row.keySet()));
    }

    /** The column that holds the scores. */
    private String column(Optional<String> metric, Consumer<String> notes) {
        Set<String> numbers = new LinkedHashSet<>();
        for (Map<String, Object> row : rows) {
            row.forEach((column, value) -> {
                if (!NAME_COLUMNS.contains(column) && value instanceof Double) {
                    numbers.add(column);
                }
            });
        }
        if (metric.isPresent() && numbers.contains(metric.get())) {
            return metric.get();
        }
        boolean plain = numbers.equals(Set.of(SCORE_COLUMN));
        if (metric.isPresent() && !plain && !numbers.isEmpty()) {
            throw new SoupException(
                    Reason.NO_SCORE,
                    file + ": has no column " + metric.get() + " but " + String.join(", ", numbers),
                    Details.of().file(file));
        }
        if (metric.isPresent() && plain) {
            notes.accept(file + ": its only scores, in the column " + SCORE_COLUMN + ", are taken as " + metric.get());
        }
        if (numbers.isEmpty() || numbers.contains(SCORE_COLUMN)) {
            return SCORE_COLUMN;
        }
        // Hyperparameters are often in the same table.
        Optional<String> first = numbers.stream()
                .filter(name -> MetricDirection.of(name).isPresent())
                .findFirst();
        String chosen = first.orElse(numbers.iterator().next());
        if (numbers.size() > 1) {
            notes.accept(file + ": its first column of " + (first.isPresent() ? "a metric, " : "numbers, ") + chosen
                    + ", is used as the score");
        }
        return chosen;
    }

    private double score(Map<String, Object> row, String name, String column) {
        Object value = row.get(column);
        if (value instanceof Double score && Double.isFinite(score)) {
            return score;
        }
        throw new SoupException(
                Reason.NO_SCORE,
                file + ": the score of " + name + " should be a finite number but is " + value,
                Details.of().file(file));
    }
}
