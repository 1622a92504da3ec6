package dev.stockpot.spark;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.yaml.RecipeReader;
import dev.stockpot.run.Concern;
import dev.stockpot.run.Run;
import dev.stockpot.soup.MergedModel;
import dev.stockpot.spark.store.Stores;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;

/**
 * A soup as executors are told of it: the recipe, and where each tensor of its models is. No header is read again.
 *
 * @param recipe that makes it, as text
 * @param maxShardBytes upper bound of a file's tensors
 * @param allowed what the caller goes on at, such as values that are not finite
 * @param models by their names in the recipe
 */
record SoupTask(String recipe, long maxShardBytes, HashSet<Concern> allowed, Map<String, ModelDescription> models)
        implements FileMaker {
    @Override
    public void write(int file, OutputStream out, Configuration configuration)
            throws IOException, InterruptedException {
        Stores stores = new Stores(configuration);
        Map<String, Checkpoint> opened = new HashMap<>();
        models.forEach((name, model) -> opened.put(name, model.checkpoint(stores)));
        List<Recipe> read = RecipeReader.read(Path.of("recipe"), recipe, false, note -> {}, warning -> {});
        WriteOptions options = WriteOptions.builder()
                .maxShardBytes(maxShardBytes)
                .recipe(recipe)
                .build();
        Run run = Run.builder().threads(TaskContext.get().cpus()).allow(allowed).build();
        MergedModel.of(read.get(0), opened::get).files(options).write(file, out, run);
    }
}
