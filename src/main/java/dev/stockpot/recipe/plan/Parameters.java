package dev.stockpot.recipe.plan;

import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.merge.MergeMethod;
import dev.stockpot.merge.Parameter;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.Recipe.Slice;
import dev.stockpot.recipe.Setting;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A method's parameters for a tensor. Of what is given, a model's own goes before a slice's, that before the module's, and that
 * before the recipe's; where a setting has conditions and none fits, the next one is asked.
 */
record Parameters(Recipe recipe, MergeMethod method, Slice slice, Consumer<String> notes) {
    /**
     * Each parameter's values.
     *
     * @throws SoupException if one has to be given and is not, or is out of its range
     */
    Map<String, double[]> of(String name, double depth, Inputs inputs) {
        Map<String, double[]> values = new HashMap<>();
        List<Map<String, Setting>> common = List.of(slice.parameters(), recipe.module(), recipe.parameters());
        for (Parameter parameter : method.parameters()) {
            if (!parameter.perModel()) {
                values.put(
                        parameter.name(),
                        new double[] {number(parameter, find(parameter, common, name, depth), name, "")});
                continue;
            }
            double[] byModel = new double[inputs.models().size()];
            for (int k = 0; k < byModel.length; k++) {
                Inputs.Input input = inputs.models().get(k);
                // A model's own settings see the name that the tensor has in the model, the others that in the output.
                Optional<Object> own = find(
                        parameter,
                        List.of(input.source().parameters()),
                        input.tensor().name(),
                        depth);
                Optional<Object> value = own.isPresent() ? own : find(parameter, common, name, depth);
                byModel[k] = number(
                        parameter, value, name, " of model " + input.source().model());
            }
            values.put(parameter.name(), byModel);
        }
        return values;
    }

    private static Optional<Object> find(
            Parameter parameter, List<Map<String, Setting>> levels, String name, double depth) {
        for (Map<String, Setting> level : levels) {
            Setting setting = level.get(parameter.name());
            Optional<Object> value = setting == null ? Optional.empty() : setting.of(name, depth);
            if (value.isPresent()) {
                return value;
            }
        }
        return Optional.empty();
    }

    private double number(Parameter parameter, Optional<Object> value, String tensor, String whose) {
        if (value.isEmpty()) {
            return parameter
                    .otherwise()
                    .orElseThrow(() -> wrong(
                            tensor,
                            method.name() + " needs '" + parameter.name() + "'" + whose + " for tensor " + tensor,
                            parameter.perModel() ? "one value for all models does, or one for each" : null));
        }
        double number = value.get() instanceof Double given
                ? given
                : parameter.choices().indexOf((String) value.get());
        if (parameter.name().equals("density") && number > 1) {
            notes.accept("'density'" + whose + " is " + number + ", which is taken for 1: all elements are kept");
            return 1;
        }
        if (!parameter.allows(number)) {
            throw wrong(
                    tensor,
                    "'" + parameter.name() + "'" + whose + " should be between " + parameter.least() + " and "
                            + parameter.most() + " but is " + number + " for tensor " + tensor,
                    null);
        }
        return number;
    }

    private static SoupException wrong(String tensor, String message, @Nullable String hint) {
        return new SoupException(
                Reason.METHOD, message, Details.of().tensor(tensor).hint(hint));
    }
}
