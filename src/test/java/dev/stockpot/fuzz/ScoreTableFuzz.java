package dev.stockpot.fuzz;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.SoupException;
import dev.stockpot.tables.ScoreTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Scores and hyperparameters in a table, for two ingredients named a and b. */
final class ScoreTableFuzz implements FuzzTarget {
    private final Path file = FuzzTarget.file(".csv");
    private final List<Checkpoint> ingredients = List.of(
            Checkpoint.inMemory("a").build(), Checkpoint.inMemory("runs/b.pt").build());

    @Override
    public void run(byte[] input) throws IOException {
        Files.write(file, input);
        ScoreTable table;
        try {
            table = ScoreTable.read(file);
        } catch (CheckpointException e) {
            Refusal.check(e, input);
            return;
        }
        for (Optional<String> metric : List.of(Optional.<String>empty(), Optional.of("accuracy"))) {
            try {
                Map<Integer, Double> scores = table.of(ingredients, metric, note -> {});
                if (scores.size() != 2 || !scores.values().stream().allMatch(Double::isFinite)) {
                    throw new AssertionError(scores.toString());
                }
            } catch (CheckpointException | SoupException e) {
                Refusal.check(e, input);
            }
        }
        try {
            table.columns(ingredients);
        } catch (CheckpointException e) {
            Refusal.check(e, input);
        }
    }
}
