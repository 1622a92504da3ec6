package dev.stockpot.merge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.merge.method.MergeMethods;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.Recipe.Source;
import dev.stockpot.recipe.Setting;
import dev.stockpot.run.Run;
import dev.stockpot.soup.MergedModel;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A merge is immutable: it can be made again, and by several threads at once. */
class MergedTwiceTest {
    private static final int ROWS = 600;
    private static final int COLUMNS = 500;
    private static final int BYTES = ROWS * COLUMNS * Float.BYTES;

    static List<String> methods() {
        return MergeMethods.names();
    }

    @ParameterizedTest
    @MethodSource("methods")
    void eachTimeTheSame(String name) throws Exception {
        MergedModel merged = merged(MergeMethods.named(name).orElseThrow());
        byte[] first = mixed(merged);
        assertArrayEquals(first, mixed(merged), "again");
        List<CompletableFuture<byte[]>> atOnce = new ArrayList<>();
        for (int k = 0; k < 3; k++) {
            atOnce.add(CompletableFuture.supplyAsync(() -> mixed(merged)));
        }
        for (CompletableFuture<byte[]> mixed : atOnce) {
            assertArrayEquals(first, mixed.get(), "at once");
        }
    }

    private static byte[] mixed(MergedModel merged) {
        ByteBuffer out = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        try {
            merged.mixInto(
                    Map.of("w", TensorMemory.of(out)), Run.builder().threads(1).build());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        byte[] bytes = new byte[BYTES];
        out.get(0, bytes);
        return bytes;
    }

    private static MergedModel merged(MergeMethod method) {
        int models = Math.min(3, method.most());
        boolean base = method.base() == MergeMethod.Base.REQUIRED;
        Map<String, Setting> settings = new HashMap<>();
        for (Parameter parameter : method.parameters()) {
            if (parameter.name().equals("density") || parameter.otherwise().isEmpty()) {
                settings.put(parameter.name(), new Setting.Constant(0.5));
            }
        }
        Map<String, Checkpoint> checkpoints = new HashMap<>();
        List<Source> sources = new ArrayList<>();
        for (int k = 0; k < models; k++) {
            String model = Integer.toString(k);
            sources.add(Source.of(model));
            checkpoints.put(model, checkpoint(k));
        }
        checkpoints.put("base", checkpoint(models));
        Recipe recipe = Recipe.of(method.name(), base ? Optional.of("base") : Optional.empty(), sources, settings);
        return MergedModel.of(recipe, checkpoints::get, 5);
    }

    private static Checkpoint checkpoint(int seed) {
        Random random = new Random(seed);
        ByteBuffer bytes = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < BYTES; at += Float.BYTES) {
            // Few values, so that ranks end among equal ones.
            bytes.putFloat(at, (random.nextInt(41) - 20) / 16f);
        }
        return Checkpoint.inMemory("model")
                .put("w", DType.F32, List.of((long) ROWS, (long) COLUMNS), bytes)
                .build();
    }
}
