package dev.stockpot.soup.checks;

import dev.stockpot.run.Concern;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.text.NameList;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Adapters by low-rank factors, such as LoRA: the weights change by a product B A, scaled by alpha / r. The average of the
 * factors is not that of the products, and with other ranks, scales or targets it has nothing to do with it.
 */
final class Adapters {
    private static final String FILE = "adapter_config.json";
    private static final String ADVICE =
            "fold each adapter into its base model (BASE+ADAPTER is a checkpoint), and average those";

    /** Factors' names, as peft, diffusers, kohya's scripts, torchtune, MLX and LyCORIS write them. */
    private static final List<String> FACTORS = List.of(
            "lora_A",
            "lora_B",
            "lora_embedding_",
            "lora_down",
            "lora_up",
            "lora.down",
            "lora.up",
            "lora_linear_layer.",
            "lora_a.",
            "lora_b.",
            "hada_w",
            "lokr_w");

    /** What must be alike, as peft and (beginning with ss_) kohya's scripts write it; a product depends on nothing else. */
    private static final List<String> KEYS = List.of(
            "peft_type",
            "r",
            "lora_alpha",
            "rank_pattern",
            "alpha_pattern",
            "use_rslora",
            "use_dora",
            "target_modules",
            "layers_to_transform",
            "fan_in_fan_out",
            "modules_to_save",
            "ss_network_module",
            "ss_network_dim",
            "ss_network_alpha");

    /** Most differences in a message. */
    private static final int SHOWN = 4;

    /** What happens to adapters' factors. */
    enum Averaged {
        /** PEFT's are put side by side; others cannot be. */
        EXACTLY,
        /** They are averaged apart where they are alike. */
        FACTORS_IF_ALIKE,
        /** They are treated as weights, which is never right. */
        NEVER
    }

    private Adapters() {}

    /** Whether a tensor is a factor, by its name. */
    static boolean isFactor(String name) {
        if (!name.contains("lora") && !name.contains("hada_w") && !name.contains("lokr_w")) {
            return false;
        }
        for (String factor : FACTORS) {
            if (name.contains(factor)) {
                return true;
            }
        }
        return name.endsWith("lora_a") || name.endsWith("lora_b");
    }

    static void check(Models models, Averaged averaged) {
        List<Integer> adapters = models.which(header -> header.factor() != null);
        if (adapters.size() < 2) {
            return;
        }
        if (averaged == Averaged.EXACTLY
                && adapters.stream().allMatch(k -> isOfPeft(models.header(k).factor()))) {
            bases(models, adapters);
            return;
        }
        boolean asked = averaged == Averaged.FACTORS_IF_ALIKE;
        Map<String, String> words = new LinkedHashMap<>();
        TreeSet<Integer> differing = new TreeSet<>();
        Settings first = settings(models, adapters.get(0));
        for (int model : adapters.subList(1, adapters.size())) {
            Settings other = settings(models, model);
            // Where nothing is known of one, nothing is compared.
            for (String key : first.hasAny(KEYS) && other.hasAny(KEYS) ? KEYS : List.<String>of()) {
                Object a = plain(first.get(key, Settings.NONE));
                Object b = plain(other.get(key, Settings.NONE));
                if (!a.equals(b)) {
                    differing.add(adapters.get(0));
                    differing.add(model);
                    words.putIfAbsent(
                            key,
                            key + " is " + Settings.text(a) + " in " + first.file() + " but " + Settings.text(b)
                                    + " in " + other.file());
                }
            }
        }
        for (int model : adapters.subList(1, adapters.size())) {
            if (scales(models, adapters.get(0), model, words)) {
                differing.add(adapters.get(0));
                differing.add(model);
            }
        }
        bases(models, adapters);
        if (words.isEmpty()) {
            String message = "are low-rank adapters (LoRA), whose factors (such as "
                    + models.header(adapters.get(0)).factor()
                    + ") " + (asked ? "are" : "would be")
                    + " averaged apart: the product of the averages is not the average of the products";
            models.doubt(
                    asked
                            ? Doubt.warn(adapters, message, ADVICE)
                            : Doubt.stop(Concern.ADAPTERS, adapters, message, ADVICE));
        } else {
            models.doubt(Doubt.stop(
                    Concern.ADAPTERS,
                    List.copyOf(differing),
                    "are low-rank adapters (LoRA) that differ, so that the average of their factors means nothing: "
                            + Settings.list(words.values(), SHOWN),
                    ADVICE));
        }
    }

    /** Whether a factor has a name that PEFT gives; settings say what it means. */
    private static boolean isOfPeft(String factor) {
        return factor.contains(".lora_A") || factor.contains(".lora_B") || factor.contains(".lora_embedding_");
    }

    /** Compares the scales that kohya's scripts keep as tensors of one element; returns whether some differ. */
    private static boolean scales(Models models, int first, int other, Map<String, String> words) {
        boolean differ = false;
        for (TensorInfo alpha : models.header(first).tensors().values()) {
            TensorInfo counterpart = models.header(other).tensors().get(alpha.name());
            if (isScale(alpha) && counterpart != null && isScale(counterpart)) {
                double a = models.checkpoint(first).doubles(alpha.name())[0];
                double b = models.checkpoint(other).doubles(alpha.name())[0];
                if (a != b) {
                    differ = true;
                    words.putIfAbsent(
                            alpha.name(),
                            alpha.name() + " is " + Settings.text(a) + " in "
                                    + models.checkpoint(first).path() + " but " + Settings.text(b) + " in "
                                    + models.checkpoint(other).path());
                }
            }
        }
        return differ;
    }

    private static boolean isScale(TensorInfo tensor) {
        return tensor.name().endsWith(".alpha")
                && tensor.elements() == 1
                && tensor.dtype().isFloat()
                && tensor.dtype().bits() >= 16;
    }

    /** Only a warning: one base may have been loaded from several places, under several names. */
    private static void bases(Models models, List<Integer> adapters) {
        TreeSet<String> bases = new TreeSet<>();
        TreeSet<String> names = new TreeSet<>();
        for (int model : adapters) {
            Object base = settings(models, model).get("base_model_name_or_path", Settings.NONE);
            if (base instanceof String text && !text.isEmpty() && !text.equals(Settings.NONE)) {
                bases.add(text);
                names.add(text.substring(text.lastIndexOf('/') + 1));
            }
        }
        if (names.size() > 1) {
            models.doubt(Doubt.warn(
                    adapters,
                    "name different base models: " + NameList.of(bases),
                    "adapters of different models have nothing to do with each other"));
        }
    }

    /** For one checkpoint, what it is. */
    static void describe(Models models) {
        for (int model : models.which(header -> header.factor() != null)) {
            models.doubt(Doubt.warn(
                    List.of(model),
                    "has the factors of a low-rank adapter (LoRA), not the weights of a model (such as "
                            + models.header(model).factor() + ")",
                    ADVICE));
        }
    }

    /** Of a file that is named otherwise than in a folder of its own, only the metadata. */
    private static Settings settings(Models models, int model) {
        for (Path folder : models.folders(model)) {
            Path file = folder.resolve(FILE);
            byte[] config = Settings.bytes(file);
            Settings read = config == null ? null : Settings.of(file, config);
            if (read != null && read.values() != null) {
                return read;
            }
        }
        Map<String, Object> metadata =
                new LinkedHashMap<>(models.checkpoint(model).metadata());
        return new Settings(models.checkpoint(model).path(), metadata);
    }

    /** Targets are a set, which is saved in any order; what is off may also be absent. */
    private static Object plain(Object value) {
        if (value instanceof List<?> list) {
            TreeSet<String> sorted = new TreeSet<>();
            list.forEach(element -> sorted.add(Settings.text(element)));
            return sorted.isEmpty() ? Settings.NONE : List.copyOf(sorted);
        }
        return value.equals(false) || value.equals(Map.of()) ? Settings.NONE : value;
    }
}
