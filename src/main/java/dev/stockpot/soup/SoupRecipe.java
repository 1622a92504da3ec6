package dev.stockpot.soup;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Average;
import dev.stockpot.engine.Copy;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.recipe.PlannedTensor;
import dev.stockpot.recipe.Provenance;
import dev.stockpot.recipe.Provenance.Matching;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.Setting;
import dev.stockpot.soup.mixture.Ingredients;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.soup.mixture.Weights;
import dev.stockpot.soup.options.MatchOptions;
import dev.stockpot.soup.options.MatchReport;
import dev.stockpot.soup.options.OnMissing;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A soup as a recipe, {@code linear} with its coefficients, and the way back. As soups match tensors in ways of their own, the
 * recipe says how, and is made again as a soup.
 *
 * @param matching how its tensors were matched
 * @param dtype that was asked for
 * @param normalize whether sums are divided by the sum of the weights
 */
record SoupRecipe(MatchOptions matching, Optional<DType> dtype, boolean normalize) {
    /** The recipe of a soup; empty if its ingredients are no files, so that no recipe could name them. */
    Optional<Recipe> of(Mixture mixture) {
        List<Checkpoint> ingredients = mixture.ingredients();
        for (Checkpoint ingredient : ingredients) {
            if (ingredient.files().isEmpty()) {
                return Optional.empty();
            }
        }
        List<String> names = IngredientNames.of(ingredients);
        List<Setting> weights = weights(mixture);
        List<Recipe.Source> models = new ArrayList<>();
        for (int k = 0; k < names.size(); k++) {
            models.add(new Recipe.Source(names.get(k), Optional.empty(), Map.of("weight", weights.get(k))));
        }
        MatchReport report = mixture.report();
        Matching matched = new Matching(
                matching.onMissing().toString().toLowerCase(Locale.ROOT),
                report.excluded(),
                report.takenFromFirst(),
                report.commonRows(),
                false);
        Provenance none = Provenance.NONE;
        return Optional.of(new Recipe(
                Optional.empty(),
                "linear",
                Optional.empty(),
                models,
                List.of(),
                Map.of(),
                Map.of("normalize", new Setting.Constant(normalize ? 1.0 : 0.0)),
                dtype,
                new Provenance(none.seed(), mixture.recipe(), matched, none.opened(), none.files(), none.paths())));
    }

    /** Each ingredient's weight: one, or one for each tensor if they differ. */
    private static List<Setting> weights(Mixture mixture) {
        if (mixture.adapters().isPresent()) {
            List<Setting> alike = new ArrayList<>();
            for (double weight : mixture.adapters().get().weights()) {
                alike.add(new Setting.Constant(weight));
            }
            return alike;
        }
        Coefficients coefficients = new Coefficients(mixture);
        if (coefficients.isAlike()) {
            List<Setting> alike = new ArrayList<>();
            for (double weight : coefficients.common) {
                alike.add(new Setting.Constant(Double.isNaN(weight) ? 1.0 : weight));
            }
            return alike;
        }
        return coefficients.byTensor();
    }

    /** What a mixture's averages are made with. */
    private static final class Coefficients {
        private final Mixture mixture;
        private final int ingredients;
        /** One per ingredient; NaN where no tensor says. */
        private final double[] common;

        Coefficients(Mixture mixture) {
            this.mixture = mixture;
            this.ingredients = mixture.ingredients().size();
            this.common = new double[ingredients];
            Arrays.fill(common, Double.NaN);
        }

        /** Whether all tensors have the same ones. */
        boolean isAlike() {
            for (MixTensor tensor : mixture.tensors()) {
                if (!(tensor.how() instanceof Average average) || isTakenOver(average)) {
                    continue;
                }
                for (int at = 0; at < tensor.sources().size(); at++) {
                    double weight = weight(average, at);
                    int k = ingredient(tensor, at);
                    if (Double.isNaN(common[k])) {
                        common[k] = weight;
                    } else if (common[k] != weight) {
                        return false;
                    }
                }
            }
            return true;
        }

        /** Whether it is one ingredient's tensor in another type. */
        private static boolean isTakenOver(Average average) {
            return average.weights() == null && average.divisor() == 1;
        }

        private static double weight(Average average, int at) {
            return average.weights() == null ? 1 : average.weights()[at];
        }

        /** Whose a tensor's source is; some lack tensors. */
        private int ingredient(MixTensor tensor, int at) {
            if (tensor.sources().size() == ingredients) {
                return at;
            }
            TensorInfo source = tensor.sources().get(at);
            int found = 0;
            for (int k = 0; k < ingredients; k++) {
                TensorInfo own = mixture.ingredients().get(k).tensors().get(tensor.name());
                if (own != null
                        && own.offset() == source.offset()
                        && own.source().equals(source.source())) {
                    found = k;
                }
            }
            return found;
        }

        /** By name. The longest names first: filters are parts of names, and the first that fits counts. */
        List<Setting> byTensor() {
            List<List<Setting.Condition>> conditions = new ArrayList<>();
            for (int k = 0; k < ingredients; k++) {
                conditions.add(new ArrayList<>());
            }
            List<MixTensor> tensors = new ArrayList<>(mixture.tensors());
            tensors.sort((a, b) -> a.name().length() != b.name().length()
                    ? b.name().length() - a.name().length()
                    : a.name().compareTo(b.name()));
            for (MixTensor tensor : tensors) {
                if (tensor.how() instanceof Average average && !isTakenOver(average)) {
                    for (int at = 0; at < tensor.sources().size(); at++) {
                        conditions
                                .get(ingredient(tensor, at))
                                .add(new Setting.Condition(
                                        Optional.of(tensor.name()), new Setting.Constant(weight(average, at))));
                    }
                }
            }
            List<Setting> settings = new ArrayList<>();
            for (int k = 0; k < ingredients; k++) {
                // What is not averaged is the first's.
                conditions
                        .get(k)
                        .add(new Setting.Condition(Optional.empty(), new Setting.Constant(k == 0 ? 1.0 : 0.0)));
                settings.add(new Setting.Conditions(conditions.get(k)));
            }
            return settings;
        }
    }

    /** The soup that a recipe made here describes. */
    static Mixture again(Recipe recipe, List<Checkpoint> models) {
        return again(recipe, Ingredients.match(models, matching(recipe.provenance())));
    }

    static Mixture again(Recipe recipe, Ingredients matched) {
        Setting normalize = recipe.parameters().getOrDefault("normalize", new Setting.Constant(1.0));
        boolean normalizes = !normalize.of("", 0).equals(Optional.of(0.0));
        return Mixture.averaged(matched, weights(recipe, matched, normalizes), recipe.dtype())
                .withRecipe(recipe.provenance().soup());
    }

    private static Weights weights(Recipe recipe, Ingredients matched, boolean normalizes) {
        double[] alike = new double[recipe.models().size()];
        boolean isAlike = true;
        boolean areOnes = true;
        for (int k = 0; k < alike.length; k++) {
            Optional<Setting> weight = weight(recipe, k);
            isAlike &= weight.isEmpty() || weight.get() instanceof Setting.Constant;
            alike[k] = isAlike ? value(recipe, k, "") : 0;
            areOnes &= alike[k] == 1;
        }
        if (isAlike) {
            return areOnes && normalizes ? Weights.EQUAL : Weights.of(alike, normalizes);
        }
        List<Checkpoint> all = matched.checkpoints();
        return Weights.of(
                (TensorSpec tensor, List<Checkpoint> having) -> {
                    double[] weights = new double[having.size()];
                    for (int at = 0; at < weights.length; at++) {
                        int k = having.size() == all.size() ? at : place(all, having.get(at));
                        weights[at] = value(recipe, k, tensor.name());
                    }
                    return weights;
                },
                normalizes);
    }

    /** A tensor of a soup, for its plan. */
    static PlannedTensor planned(MixTensor tensor) {
        int models = tensor.sources().size();
        List<Double> weights = new ArrayList<>();
        if (tensor.how() instanceof Average average && !Coefficients.isTakenOver(average)) {
            for (int at = 0; at < models; at++) {
                weights.add(Coefficients.weight(average, at));
            }
        }
        long read = 0;
        for (TensorInfo source : tensor.sources()) {
            read += source.bytes();
        }
        return new PlannedTensor(
                tensor.spec(),
                models,
                false,
                tensor.how() == Copy.BYTES,
                weights.isEmpty() ? Map.of() : Map.of("weight", weights),
                "linear",
                1,
                read,
                0,
                Optional.empty());
    }

    private static int place(List<Checkpoint> all, Checkpoint one) {
        for (int k = 0; k < all.size(); k++) {
            if (all.get(k) == one) {
                return k;
            }
        }
        throw new IllegalArgumentException("no ingredient: " + one);
    }

    private static Optional<Setting> weight(Recipe recipe, int model) {
        Map<String, Setting> own = recipe.models().get(model).parameters();
        return Optional.ofNullable(
                own.getOrDefault("weight", recipe.parameters().get("weight")));
    }

    private static double value(Recipe recipe, int model, String tensor) {
        return weight(recipe, model)
                .flatMap(setting -> setting.of(tensor, 0))
                .map(Double.class::cast)
                .orElse(1.0);
    }

    static MatchOptions matching(Provenance provenance) {
        Matching matching = provenance.matching();
        MatchOptions.Builder options = Ingredients.adapters(provenance.soup())
                .onMissing(OnMissing.valueOf(matching.onMissing().toUpperCase(Locale.ROOT)));
        matching.exclude().forEach(name -> options.exclude(exactly(name)));
        matching.takeFirst().forEach(name -> options.takeFirst(exactly(name)));
        matching.commonRows().forEach(name -> options.commonRows(exactly(name)));
        return options.build();
    }

    private static Pattern exactly(String name) {
        return Pattern.compile("^" + Pattern.quote(name) + "\\z");
    }
}
