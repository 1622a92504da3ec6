package dev.stockpot.checkpoint.safetensors;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the weights in a model directory are called, which is where their library looks for them: transformers, diffusers,
 * PEFT, OpenCLIP and Mistral's own each have a name.
 *
 * @param base such as {@code model} or {@code diffusion_pytorch_model}
 * @param variant such as {@code fp16}; empty for none
 */
public record WeightsName(String base, String variant) {
    /** The transformers library's. */
    public static final WeightsName MODEL = new WeightsName("model", "");

    /** PEFT's. */
    public static final WeightsName ADAPTER = new WeightsName("adapter_model", "");

    private static final String SHARD = "(?:-\\d{5}-of-\\d{5})?";
    private static final Pattern KNOWN = Pattern.compile("(model|pytorch_model|diffusion_pytorch_model|adapter_model"
            + "|open_clip_model|open_clip_pytorch_model|pytorch_lora_weights|consolidated)(?:\\.([A-Za-z]\\w*))??"
            + SHARD
            + "(?:\\.([A-Za-z]\\w*))?\\.(?:safetensors|bin|pt|pth)");

    /** That of a file in a model directory; {@link #MODEL} if no library uses its name. */
    public static WeightsName of(String file) {
        Matcher known = KNOWN.matcher(file);
        if (!known.matches()) {
            return MODEL;
        }
        // Pickled weights have names of their own in two libraries.
        String base = switch (known.group(1)) {
            case "pytorch_model" -> "model";
            case "open_clip_pytorch_model" -> "open_clip_model";
            default -> known.group(1);
        };
        String variant = known.group(2) != null ? known.group(2) : known.group(3);
        return new WeightsName(base, variant == null ? "" : variant);
    }

    /** All weights in one file. */
    public String file() {
        return whole() + ".safetensors";
    }

    /** Shard {@code k} of {@code count}, from 1. */
    public String shard(int k, int count) {
        return String.format(Locale.ROOT, "%s-%05d-of-%05d.safetensors", whole(), k, count);
    }

    /** The shards' index. */
    public String index() {
        return base + ".safetensors.index" + (variant.isEmpty() ? "" : "." + variant) + ".json";
    }

    /** Whether a file of that name is these weights or their index, in safetensors or as pickles, of this variant or none. */
    public boolean isOwn(String file) {
        boolean index = file.endsWith(".json");
        String weights = index ? file.replaceFirst("\\.index(\\.\\w+)?\\.json$", "") : file;
        WeightsName other = of(weights);
        return (!index || !weights.equals(file))
                && KNOWN.matcher(weights).matches()
                && other.base.equals(base)
                && (other.variant.isEmpty() || other.variant.equals(variant));
    }

    private String whole() {
        return variant.isEmpty() ? base : base + "." + variant;
    }
}
