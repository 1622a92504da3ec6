package dev.stockpot.recipe.yaml;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.Node;

/** The recipes of a file by name, and where they use each other's results: each may use those before it. */
final class Chain {
    private final Yaml yaml;
    private final Names names;
    private final List<Link> links = new ArrayList<>();
    private final Map<String, Integer> byName = new HashMap<>();

    /** One recipe: its name if it has one, and the models that it uses, each with the place where it does first. */
    private static final class Link {
        private final Node document;
        private final Map<String, Node> uses = new LinkedHashMap<>();
        private @Nullable String name;
        private @Nullable Node nameAt;
        private @Nullable Node range;

        Link(Node document) {
            this.document = document;
        }
    }

    Chain(Yaml yaml, Names names) {
        this.yaml = yaml;
        this.names = names;
    }

    /** Begins the next recipe. */
    void begin(Node document) {
        links.add(new Link(document));
    }

    private Link current() {
        return links.get(links.size() - 1);
    }

    /** The current recipe's name. */
    void named(String name, Node at) {
        Integer other = byName.putIfAbsent(name, links.size() - 1);
        if (other != null) {
            throw yaml.wrong(
                    at, "the recipe in line " + Yaml.line(links.get(other).document) + " is named '" + name + "' too");
        }
        current().name = name;
        current().nameAt = at;
    }

    /** A model of the current recipe. */
    void uses(String model, Node at) {
        current().uses.putIfAbsent(model, at);
    }

    /** A range to be searched in the current recipe. */
    void searches(Node at) {
        current().range = current().range == null ? at : current().range;
    }

    /** Looks at all of them: what is used has to be made before. */
    void check() {
        int last = links.size() - 1;
        for (int at = 0; at <= last; at++) {
            Link link = links.get(at);
            if (link.name == null && at < last) {
                throw yaml.wrong(
                        link.document,
                        "name is missing: the last recipe of a file makes the output, and those before it need names by which"
                                + " it uses their results");
            }
            if (link.range != null && at < last) {
                throw yaml.wrong(link.range, "only the last recipe of a file can leave values to a search");
            }
            for (Map.Entry<String, Node> use : link.uses.entrySet()) {
                check(at, use.getKey(), use.getValue());
            }
        }
        Set<Integer> needed = new HashSet<>();
        need(last, needed);
        for (int at = 0; at < last; at++) {
            if (!needed.contains(at)) {
                names.note(
                        links.get(at).nameAt,
                        "'" + links.get(at).name + "' is used by no other recipe, and not merged");
            }
        }
    }

    private void check(int user, String model, Node at) {
        Integer made = byName.get(model);
        if (made == null || made < user) {
            return;
        }
        if (made == user) {
            throw yaml.wrong(at, "the recipe '" + model + "' uses its own result; rename it or the model");
        }
        Set<Integer> needed = new HashSet<>();
        need(made, needed);
        throw yaml.wrong(
                at,
                needed.contains(user)
                        ? "'" + model + "' and '" + links.get(user).name + "' need each other's result"
                        : "'" + model + "' is made further down, in line " + Yaml.line(links.get(made).document)
                                + ": recipes stand in the order in which they are merged");
    }

    /** Adds a recipe and all that it needs. */
    private void need(int at, Set<Integer> needed) {
        if (needed.add(at)) {
            for (String model : links.get(at).uses.keySet()) {
                if (byName.containsKey(model)) {
                    need(byName.get(model), needed);
                }
            }
        }
    }
}
