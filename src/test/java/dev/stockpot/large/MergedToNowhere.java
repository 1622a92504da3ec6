package dev.stockpot.large;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.merge.MergeMethod;
import dev.stockpot.merge.Parameter;
import dev.stockpot.merge.method.MergeMethods;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.Recipe.Source;
import dev.stockpot.recipe.Setting;
import dev.stockpot.run.Run;
import dev.stockpot.soup.MergedModel;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Merges four files by each method in turn, keeps nothing of what it makes, and prints the method and how much anonymous
 * memory the process had at most, in bytes: {@code MergedToNowhere METHOD,... BASE A B C}.
 */
final class MergedToNowhere {
    private MergedToNowhere() {}

    public static void main(String[] arguments) throws Exception {
        for (String name : arguments[0].split(",")) {
            MergedModel merged = merged(MergeMethods.named(name).orElseThrow(), arguments);
            AtomicLong most = new AtomicLong();
            AtomicBoolean done = new AtomicBoolean();
            Thread watch = new Thread(() -> {
                while (!done.get()) {
                    most.accumulateAndGet(anonymous(), Math::max);
                    sleep();
                }
            });
            watch.start();
            Map<String, TensorMemory> targets = new HashMap<>();
            for (TensorInfo tensor : merged.ingredients().get(0).tensors().values()) {
                targets.put(tensor.name(), new Nowhere(tensor.bytes()));
            }
            merged.mixInto(targets, Run.builder().threads(2).build());
            done.set(true);
            watch.join();
            System.out.println(name + " " + most.get());
        }
    }

    private static void sleep() {
        try {
            Thread.sleep(5);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static long anonymous() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("RssAnon:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
                }
            }
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static MergedModel merged(MergeMethod method, String[] files) {
        Map<String, Setting> settings = new HashMap<>();
        for (Parameter parameter : method.parameters()) {
            if (parameter.name().equals("density") || parameter.otherwise().isEmpty()) {
                settings.put(parameter.name(), new Setting.Constant(0.5));
            }
            if (List.of("filter_wise", "nuslerp_row_wise").contains(parameter.name())) {
                settings.put(parameter.name(), new Setting.Constant(1.0));
            }
        }
        List<Source> models = new ArrayList<>();
        for (int k = 0; k < Math.min(3, method.most()); k++) {
            models.add(Source.of(files[2 + k]));
        }
        boolean base = method.base() == MergeMethod.Base.REQUIRED;
        Recipe recipe = Recipe.of(method.name(), base ? Optional.of(files[1]) : Optional.empty(), models, settings);
        return MergedModel.of(recipe, name -> Checkpoint.open(Path.of(name)), 0);
    }

    /** Takes everything and keeps nothing. */
    private record Nowhere(long bytes) implements TensorMemory {
        private static final ThreadLocal<ByteBuffer> PLACE =
                ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(8 << 20));

        @Override
        public ByteBuffer slice(long offset, int length) {
            return PLACE.get().slice(0, length);
        }
    }
}
