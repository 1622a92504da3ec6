package dev.stockpot.recipe.plan;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.CheckpointOpener;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.recipe.Provenance.ModelFile;
import dev.stockpot.recipe.Recipe;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the models that recipes name: as given, from the working directory; beside the recipe; in a folder of models, by the
 * whole name or what follows its last slash; or where a program said. Nothing is downloaded.
 */
public final class ModelFinder {
    private final Optional<Path> recipe;
    private final Optional<Path> folder;
    private final Map<String, Path> named;
    private final Set<String> unused;
    private final CheckpointOpener opener;
    private final Map<String, String> paths = new HashMap<>();
    private final Map<String, List<ModelFile>> files = new HashMap<>();
    private final Map<String, Checkpoint> opened = new LinkedHashMap<>();

    /**
     * @param recipe the folder of the recipe's file
     * @param folder the folder of models
     * @param named models by their names in recipes
     */
    public ModelFinder(Optional<Path> recipe, Optional<Path> folder, Map<String, Path> named, OpenOptions options) {
        this.recipe = recipe;
        this.folder = folder;
        this.named = Map.copyOf(named);
        this.unused = new LinkedHashSet<>(named.keySet());
        this.opener = new CheckpointOpener(options);
    }

    /**
     * With what recipes say of their models' places and files. A model whose files have other hashes is not taken; one with the
     * same is, whatever its name in the folder of models.
     *
     * @param hashes whether hashes are looked at
     */
    public ModelFinder knowing(List<Recipe> recipes, boolean hashes) {
        for (Recipe recipe : recipes) {
            paths.putAll(recipe.provenance().paths());
            if (hashes) {
                files.putAll(recipe.provenance().files());
            }
        }
        return this;
    }

    /**
     * Opens a model; the same one again if it has been opened under this or another spelling.
     *
     * @throws SoupException if it is nowhere
     * @throws dev.stockpot.error.CheckpointException if it cannot be opened
     */
    public Checkpoint open(String name) {
        Path path = adapted(name).orElseGet(() -> find(name));
        String same = path.toAbsolutePath().normalize().toString();
        return opened.computeIfAbsent(same, p -> opener.open(path));
    }

    /** The names that a program said where a model is, and none of those that were opened had. */
    public List<String> unused() {
        return List.copyOf(unused);
    }

    /** The base and the adapter of {@code BASE+ADAPTER}, each found on its own, unless that is the name of a model itself. */
    private Optional<Path> adapted(String name) {
        int plus = name.indexOf('+');
        if (plus < 1 || named.containsKey(name) || files.containsKey(name) || isThere(name)) {
            return Optional.empty();
        }
        // Names with a plus of their own: the first half that is there is the base.
        for (int next = plus; next > 0 && next < name.length() - 1; next = name.indexOf('+', next + 1)) {
            String base = name.substring(0, next);
            if (named.containsKey(base) || isThere(base)) {
                plus = next;
                break;
            }
        }
        return Optional.of(Path.of(find(name.substring(0, plus)) + "+" + find(name.substring(plus + 1))));
    }

    private boolean isThere(String name) {
        return !name.isEmpty() && places(name).stream().anyMatch(Files::exists);
    }

    private Path find(String name) {
        if (named.containsKey(name)) {
            unused.remove(name);
            return named.get(name);
        }
        List<Path> places = places(name);
        Optional<KnownFiles> known = Optional.ofNullable(files.get(name)).map(KnownFiles::new);
        for (Path place : places) {
            if (Files.exists(place) && (known.isEmpty() || known.get().are(place))) {
                return place;
            }
        }
        Optional<Path> renamed = known.flatMap(these -> folder.flatMap(in -> these.in(in, name)));
        if (renamed.isPresent()) {
            return renamed.get();
        }
        List<String> looked = places.stream().map(Path::toString).toList();
        throw new SoupException(
                Reason.NO_MODEL,
                "model " + name
                        + (known.isEmpty() ? " is nowhere" : " is nowhere with the SHA-256 that the recipe says")
                        + ": looked at " + String.join(", ", looked)
                        + (known.isPresent() && folder.isPresent() ? ", and all in " + folder.get() : ""),
                Details.of().choices(looked));
    }

    private List<Path> places(String name) {
        List<String> spellings = new ArrayList<>(List.of(name));
        if (name.contains("@")) {
            // A revision says which version of a download; here it is whatever is in the folder.
            spellings.add(name.substring(0, name.indexOf('@')));
        }
        List<Path> places = new ArrayList<>();
        try {
            for (String spelling : spellings) {
                places.add(Path.of(spelling));
                recipe.ifPresent(beside -> places.add(beside.resolve(spelling)));
            }
            if (paths.containsKey(name)) {
                places.add(Path.of(paths.get(name)));
            }
            for (String spelling : spellings) {
                folder.ifPresent(in -> addInside(places, in, spelling));
            }
        } catch (InvalidPathException e) {
            throw new SoupException(
                    Reason.NO_MODEL,
                    "model " + name + ": its name cannot be a file's",
                    Details.of().cause(e));
        }
        return places.stream().distinct().toList();
    }

    /** By the whole name, and by what follows the last slash, or that of a path of Windows. */
    private static void addInside(List<Path> places, Path folder, String name) {
        Path given = Path.of(name);
        places.add(folder.resolve(name.startsWith("/") ? name.substring(1) : name));
        places.add(folder.resolve(given.getFileName() == null ? given : given.getFileName()));
        String last = name.substring(name.lastIndexOf('\\') + 1);
        if (!last.isEmpty()) {
            places.add(folder.resolve(last));
        }
    }
}
