package dev.stockpot.soup.checks;

import dev.stockpot.run.Concern;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** The config.json of each model: whether all are for one function, and whether the weights are quantised. */
final class Configs {
    private static final String FILE = "config.json";
    private static final String QUANTISATION = "quantization_config";

    /** Most differences in a message. */
    private static final int SHOWN = 4;

    private Configs() {}

    static void check(Models models) {
        // A model that has its parts in folders has a config in each; they are compared one by one, in the same order.
        boolean more = true;
        for (int place = 0; more; place++) {
            more = false;
            Map<Integer, Path> files = new LinkedHashMap<>();
            for (int model = 0; model < models.count(); model++) {
                List<Path> folders = models.folders(model);
                if (place < folders.size()) {
                    files.put(model, folders.get(place).resolve(FILE));
                    more = more || place + 1 < folders.size();
                }
            }
            check(models, files);
        }
    }

    private static void check(Models models, Map<Integer, Path> files) {
        Map<Integer, byte[]> configs = new LinkedHashMap<>();
        byte[] first = null;
        boolean alike = true;
        for (Map.Entry<Integer, Path> file : files.entrySet()) {
            byte[] config = Settings.bytes(file.getValue());
            if (config != null) {
                configs.put(file.getKey(), config);
                first = first == null ? config : first;
                alike = alike && Arrays.equals(config, first);
            }
        }
        // Mostly they are the same bytes, which need not be parsed.
        if (first != null && !(alike && !mentionsQuantisation(first))) {
            compare(models, files, configs);
        }
    }

    private static boolean mentionsQuantisation(byte[] config) {
        return new String(config, StandardCharsets.ISO_8859_1).contains(QUANTISATION);
    }

    private static void compare(Models models, Map<Integer, Path> files, Map<Integer, byte[]> bytes) {
        Map<Integer, Settings> configs = new LinkedHashMap<>();
        List<Integer> damaged = new ArrayList<>();
        bytes.forEach((model, config) -> {
            Settings settings = Settings.of(files.get(model), config);
            if (settings.values() == null) {
                damaged.add(model);
            } else {
                configs.put(model, settings);
            }
        });
        if (!damaged.isEmpty()) {
            models.doubt(Doubt.warn(
                    damaged,
                    (damaged.size() == 1 ? "has" : "have")
                            + " a config.json that is no JSON object, and so is not compared",
                    "get it again from where the model is from"));
        }
        quantised(models, configs);
        differences(models, configs);
    }

    private static void quantised(Models models, Map<Integer, Settings> configs) {
        List<Integer> quantised = new ArrayList<>();
        String how = null;
        for (Map.Entry<Integer, Settings> config : configs.entrySet()) {
            Object settings = config.getValue().get(QUANTISATION, Settings.NONE);
            if (!settings.equals(Settings.NONE)) {
                quantised.add(config.getKey());
                Object method = settings instanceof Map<?, ?> map ? map.get("quant_method") : null;
                how = how != null
                        ? how
                        : config.getValue().file() + " has a quantization_config"
                                + (method == null ? "" : " of quant_method " + Settings.text(method));
            }
        }
        // The tensors say it better, where they do.
        quantised.removeIf(model -> models.header(model).quantised() != null);
        if (!quantised.isEmpty()) {
            models.doubt(Quantised.doubt(quantised, how));
        }
    }

    private static void differences(Models models, Map<Integer, Settings> configs) {
        Map<String, String> words = new LinkedHashMap<>();
        TreeSet<Integer> differing = new TreeSet<>();
        Map.Entry<Integer, Settings> first = null;
        for (Map.Entry<Integer, Settings> config : configs.entrySet()) {
            if (first == null) {
                first = config;
                continue;
            }
            Settings a = first.getValue();
            Settings b = config.getValue();
            Map<String, List<String>> differences = ConfigKeys.differences(a.values(), b.values());
            differences.forEach((key, values) -> words.putIfAbsent(
                    key,
                    key + " is " + values.get(0) + " in " + a.file() + " but " + values.get(1) + " in " + b.file()));
            if (!differences.isEmpty()) {
                differing.add(first.getKey());
                differing.add(config.getKey());
            }
        }
        if (!words.isEmpty()) {
            models.doubt(Doubt.stop(
                    Concern.CONFIGS,
                    List.copyOf(differing),
                    "have configs of different functions: " + Settings.list(words.values(), SHOWN),
                    "the average of weights that are for different functions is for none of them; see that each config"
                            + " belongs to its weights"));
        }
    }
}
