package dev.stockpot.soup;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.text.PathNames;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.StringJoiner;

/** What recipes call ingredients: the ends of their paths; of a base and its adapters, of each, with a plus between them. */
final class IngredientNames {
    private IngredientNames() {}

    static List<String> of(List<Checkpoint> ingredients) {
        List<Path> paths = new ArrayList<>();
        for (Checkpoint ingredient : ingredients) {
            paths.addAll(paths(ingredient));
        }
        Iterator<String> ends = PathNames.of(paths).iterator();
        List<String> names = new ArrayList<>();
        for (Checkpoint ingredient : ingredients) {
            StringJoiner name = new StringJoiner("+");
            for (int part = paths(ingredient).size(); part > 0; part--) {
                name.add(ends.next());
            }
            names.add(name.toString());
        }
        return names;
    }

    private static List<Path> paths(Checkpoint ingredient) {
        return ingredient.parts().isEmpty()
                ? List.of(ingredient.path())
                : ingredient.parts().stream().map(Checkpoint::path).toList();
    }
}
