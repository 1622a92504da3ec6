package dev.stockpot.merge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.Recipe.Source;
import dev.stockpot.recipe.Setting;
import dev.stockpot.run.Isa;
import dev.stockpot.run.Run;
import dev.stockpot.soup.MergedModel;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The elements that TIES and Breadcrumbs keep of tensors of many chunks, beside a plain sort. */
class RanksOfLargeTensorsTest {
    /** Five chunks and a part of one, so that only a sample is looked at first. */
    private static final int ELEMENTS = 5 * 262_144 + 12_345;

    /** What the values of a tensor are like. */
    enum Values {
        NORMAL {
            @Override
            float at(int i, Random random) {
                return (float) random.nextGaussian();
            }
        },
        /** Many of a few magnitudes: where equal ones end is in the middle of the tensor. */
        FEW_MAGNITUDES {
            @Override
            float at(int i, Random random) {
                return (random.nextInt(5) - 2) * 0.25f;
            }
        },
        EQUAL {
            @Override
            float at(int i, Random random) {
                return -1.5f;
            }
        },
        ASCENDING {
            @Override
            float at(int i, Random random) {
                return i * 1e-6f;
            }
        },
        /** What a sample sees says nothing of the rest: most that it looks at is in every 16th block. */
        MISLEADING {
            @Override
            float at(int i, Random random) {
                return i % 65_536 < 20_000 ? 1e-20f * (1 + i % 7) : 1 + random.nextInt(1_000_000) * 1e-3f;
            }
        },
        /** What is looked at is large, the rest small. */
        MISLEADING_UPWARDS {
            @Override
            float at(int i, Random random) {
                return i % 65_536 < 20_000 ? 1e20f : random.nextInt(1_000_000) * 1e-9f;
            }
        },
        ZEROS_AND_ONE {
            @Override
            float at(int i, Random random) {
                return i == ELEMENTS - 2 ? 1 : 0;
            }
        };

        abstract float at(int i, Random random);
    }

    @ParameterizedTest
    @EnumSource(Values.class)
    void theLargestAreKept(Values values) throws Exception {
        float[] delta = values(values);
        int[] order = order(delta);
        for (double density : new double[] {1e-6, 0.1, 0.5, 0.93}) {
            int kept = (int) Math.max(1, Math.floor(density * ELEMENTS));
            float[] expected = new float[ELEMENTS];
            for (int r = 0; r < kept; r++) {
                expected[order[r]] = delta[order[r]];
            }
            check(expected, delta, "ties", Map.of("density", density));
        }
    }

    @ParameterizedTest
    @EnumSource(Values.class)
    void outliersAreLeftOut(Values values) throws Exception {
        float[] delta = values(values);
        int[] order = order(delta);
        int most = (int) Math.floor(0.02 * ELEMENTS);
        int kept = (int) Math.floor(0.6 * ELEMENTS);
        float[] expected = new float[ELEMENTS];
        for (int r = most; r < most + kept; r++) {
            expected[order[r]] = delta[order[r]];
        }
        check(expected, delta, "breadcrumbs", Map.of("density", 0.6, "gamma", 0.02));
    }

    private static float[] values(Values values) {
        Random random = new Random(values.ordinal());
        float[] all = new float[ELEMENTS];
        for (int i = 0; i < ELEMENTS; i++) {
            all[i] = values.at(i, random);
        }
        return all;
    }

    /** The indices, the largest magnitude first, and of equal ones the lowest index. */
    private static int[] order(float[] values) {
        long[] keys = new long[values.length];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = (long) (Integer.MAX_VALUE - Float.floatToIntBits(Math.abs(values[i]))) << Integer.SIZE | i;
        }
        Arrays.sort(keys);
        return Arrays.stream(keys).mapToInt(key -> (int) key).toArray();
    }

    private static void check(float[] expected, float[] delta, String method, Map<String, Double> parameters)
            throws Exception {
        Map<String, Checkpoint> models = Map.of("base", checkpoint(new float[ELEMENTS]), "model", checkpoint(delta));
        Map<String, Setting> settings = new HashMap<>(Map.of("weight", new Setting.Constant(1.0)));
        parameters.forEach((name, value) -> settings.put(name, new Setting.Constant(value)));
        Recipe recipe = Recipe.of(method, Optional.of("base"), List.of(Source.of("model")), settings);
        MergedModel merged = MergedModel.of(recipe, models::get, 0);
        ByteBuffer out = ByteBuffer.allocateDirect(ELEMENTS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (Isa isa : new Isa[] {Isa.AUTO, Isa.JAVA}) {
            // Plain Java takes long, and so has one density and one number of threads.
            boolean slow = isa == Isa.JAVA;
            if (slow && parameters.get("density") != 0.5) {
                continue;
            }
            for (int threads = slow ? 2 : 1; threads <= 2; threads++) {
                merged.mixInto(
                        Map.of("w", TensorMemory.of(out)),
                        Run.builder().threads(threads).isa(isa).build());
                float[] found = new float[ELEMENTS];
                out.asFloatBuffer().get(found);
                int at = Arrays.mismatch(expected, found);
                assertEquals(
                        -1,
                        at,
                        () -> method + " " + parameters + " with " + isa + ": " + expected[at] + " expected, found "
                                + found[at]);
            }
        }
    }

    private static Checkpoint checkpoint(float[] values) {
        ByteBuffer bytes =
                ByteBuffer.allocateDirect(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return Checkpoint.inMemory("model")
                .put("w", DType.F32, List.of((long) values.length), bytes)
                .build();
    }
}
