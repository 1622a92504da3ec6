package dev.stockpot.cli;

import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.cli.TestCommands.Result;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A base and two models of four elements, and merges of them. */
record SmallMerges(Path folder) {
    static SmallMerges in(Path folder) throws IOException {
        SmallMerges merges = new SmallMerges(folder);
        merges.model("base", 0, 0, 0, 0);
        merges.model("a", 4, 1, -2, 0);
        merges.model("b", 2, -3, -1, 0);
        return merges;
    }

    void model(String name, double... values) throws IOException {
        TestFiles.write(folder.resolve(name + ".safetensors"), Map.of("w", Tensor.f32("[4]", values)));
    }

    /** Runs {@code merge}; the names of models, {@code out} and {@code recipe.yml} stand for their paths. */
    Result merge(String words) {
        List<String> all = new ArrayList<>(List.of("merge"));
        for (String word : words.split(" ")) {
            all.add(word.matches("base|a|b|out|recipe.yml") ? path(word) : word);
        }
        return TestCommands.run(all);
    }

    String path(String word) {
        return folder.resolve(word.contains(".") ? word : word + ".safetensors").toString();
    }
}
