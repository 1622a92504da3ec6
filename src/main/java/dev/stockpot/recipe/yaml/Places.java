package dev.stockpot.recipe.yaml;

import dev.stockpot.merge.MergeMethod;
import dev.stockpot.merge.Parameter;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.Recipe.Slice;
import dev.stockpot.recipe.Recipe.Source;
import dev.stockpot.recipe.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.nodes.Node;

/** Where a recipe's models stand, and what its text alone shows to be wrong with them: their number, what is not given. */
final class Places {
    private final Yaml yaml;
    private final MergeMethod method;
    private final List<Node> slices = new ArrayList<>();
    private final List<List<Node>> sources = new ArrayList<>();

    Places(Yaml yaml, MergeMethod method) {
        this.yaml = yaml;
        this.method = method;
    }

    /** Begins the next slice, or the list of whole models. */
    void slice(Node at) {
        slices.add(at);
        sources.add(new ArrayList<>());
    }

    /** A model of the current slice. */
    void source(Node at) {
        sources.get(sources.size() - 1).add(at);
    }

    /**
     * Checks what needs no model: plans check the rest, as two names may be of one model.
     *
     * @param named where the method is named
     */
    void check(Recipe recipe, Node named) {
        List<Slice> all = recipe.asSlices();
        for (int at = 0; at < all.size() && !recipe.provenance().isSoup(); at++) {
            Slice slice = all.get(at);
            Optional<String> base = slice.base().or(recipe::base);
            if (method.base() == MergeMethod.Base.REQUIRED && base.isEmpty()) {
                throw yaml.wrong(named, method.name() + " needs a base_model");
            }
            checkCount(slice, base, slices.get(at));
            for (Parameter parameter : method.parameters()) {
                if (parameter.otherwise().isEmpty() && !isGiven(parameter, recipe, slice)) {
                    check(parameter, slice, base, sources.get(at), named);
                }
            }
        }
    }

    private void checkCount(Slice slice, Optional<String> base, Node at) {
        boolean apart = method.base().isApart() && base.isPresent();
        int least = 0;
        int most = 0;
        for (Source source : slice.sources()) {
            least += apart && mayBe(source.model(), base.get()) ? 0 : 1;
            most += apart && isSame(source.model(), base.get()) ? 0 : 1;
        }
        if (method.base() == MergeMethod.Base.MEMBER
                && base.isPresent()
                && slice.sources().stream().noneMatch(source -> isSame(source.model(), base.get()))) {
            most++;
        }
        if (least > method.most() || most < method.fewest()) {
            throw yaml.wrong(
                    at,
                    method.name() + " takes " + takes() + " but got " + most + (apart ? ", the base not counted" : ""));
        }
    }

    private String takes() {
        String least = method.fewest() == 1 ? "one model" : method.fewest() + " models";
        return method.most() == method.fewest()
                ? least
                : least + (method.most() == Integer.MAX_VALUE ? " or more" : " to " + method.most());
    }

    private static boolean isGiven(Parameter parameter, Recipe recipe, Slice slice) {
        return slice.parameters().containsKey(parameter.name())
                || recipe.module().containsKey(parameter.name())
                || recipe.parameters().containsKey(parameter.name());
    }

    private void check(Parameter parameter, Slice slice, Optional<String> base, List<Node> nodes, Node named) {
        if (!parameter.perModel()) {
            throw yaml.wrong(named, method.name() + " needs '" + parameter.name() + "' under 'parameters'");
        }
        for (int k = 0; k < nodes.size(); k++) {
            Source source = slice.sources().get(k);
            Map<String, Setting> own = source.parameters();
            boolean exempt = method.base().isApart()
                    && base.filter(name -> mayBe(source.model(), name)).isPresent();
            if (!own.containsKey(parameter.name()) && !exempt) {
                throw yaml.wrong(
                        nodes.get(k),
                        method.name() + " needs '" + parameter.name() + "' of model " + source.model()
                                + ", under its 'parameters' or the recipe's");
            }
        }
    }

    private static boolean isSame(String one, String other) {
        return plain(one).equals(plain(other));
    }

    /** Whether one name may be of the other's model: by another path to it. */
    private static boolean mayBe(String one, String other) {
        return last(one).equals(last(other));
    }

    private static String last(String name) {
        String plain = plain(name);
        return plain.substring(plain.lastIndexOf('/') + 1);
    }

    /** A name without what folders may be spelled with. */
    private static String plain(String name) {
        String plain = name;
        while (plain.startsWith("./")) {
            plain = plain.substring(2);
        }
        while (plain.length() > 1 && plain.endsWith("/")) {
            plain = plain.substring(0, plain.length() - 1);
        }
        return plain;
    }
}
