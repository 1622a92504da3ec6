package dev.stockpot.bench;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.merge.MergeMethod;
import dev.stockpot.merge.Parameter;
import dev.stockpot.merge.method.MergeMethods;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.Recipe.Source;
import dev.stockpot.recipe.Setting;
import dev.stockpot.soup.MergedModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** A merge to measure: a method at parameters that give it work to do. */
public final class MeasuredMerge {
    /** Models of a method that takes any number, and those beside a base. */
    private static final int MODELS = 8;

    private static final int BESIDE_BASE = 3;

    /** Where the default would leave something out of the work, or there is none. */
    private static final Map<String, Double> PARAMETERS =
            Map.of("density", 0.5, "select_topk", 0.1, "t", 0.3, "weight", 0.4);

    private final MergeMethod method;
    private final int models;

    private MeasuredMerge(MergeMethod method) {
        this.method = method;
        this.models = Math.min(hasBase() ? BESIDE_BASE : MODELS, method.most());
    }

    /**
     * A merge by a method.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public static MeasuredMerge of(String method) {
        return new MeasuredMerge(MergeMethods.named(method)
                .orElseThrow(() -> new IllegalArgumentException("there is no merge method " + method)));
    }

    private boolean hasBase() {
        return method.base() == MergeMethod.Base.REQUIRED;
    }

    /** How many files it reads. */
    public int sources() {
        return models + (hasBase() ? 1 : 0);
    }

    /** All that is done before it is mixed: models opened, the recipe checked. */
    public MergedModel open(List<Path> files) {
        Map<String, Setting> settings = new HashMap<>();
        for (Parameter parameter : method.parameters()) {
            Double value = PARAMETERS.get(parameter.name());
            if (value != null) {
                settings.put(parameter.name(), new Setting.Constant(value));
            }
        }
        List<Source> sources = new ArrayList<>();
        for (int k = 0; k < models; k++) {
            sources.add(Source.of(Integer.toString(k)));
        }
        Map<String, Checkpoint> opened = new HashMap<>();
        IntStream.range(0, sources()).forEach(k -> opened.put(Integer.toString(k), Checkpoint.open(files.get(k))));
        Recipe recipe = Recipe.of(
                method.name(), hasBase() ? Optional.of(Integer.toString(models)) : Optional.empty(), sources, settings);
        return MergedModel.of(recipe, opened::get, 0);
    }
}
