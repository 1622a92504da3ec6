package dev.stockpot.soup.checks;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The settings of a model's config.json that say which function its weights are for, by the names that transformers, diffusers
 * and timm give them. Not those of training, generation or storage, nor the size of the vocabulary, which shapes show.
 */
final class ConfigKeys {
    private static final List<String> KEYS = List.of(
            // Which network.
            "model_type",
            "architectures",
            "architecture",
            "_class_name",
            // Its sizes.
            "hidden_size",
            "d_model",
            "n_embd",
            "dim",
            "embed_dim",
            "intermediate_size",
            "moe_intermediate_size",
            "ffn_dim",
            "d_ff",
            "n_inner",
            "num_hidden_layers",
            "num_layers",
            "n_layer",
            "n_layers",
            "encoder_layers",
            "decoder_layers",
            "num_attention_heads",
            "n_head",
            "n_heads",
            "num_heads",
            "encoder_attention_heads",
            "decoder_attention_heads",
            "attention_head_dim",
            "num_key_value_heads",
            "multi_query",
            "head_dim",
            "d_kv",
            // Positions.
            "rope_theta",
            "rotary_emb_base",
            "rope_scaling",
            "rotary_dim",
            "rotary_pct",
            "partial_rotary_factor",
            "rope_interleaved",
            "position_embedding_type",
            "relative_attention_num_buckets",
            "relative_attention_max_distance",
            "alibi",
            "original_max_position_embeddings",
            "sliding_window",
            "attention_window",
            "layer_types",
            "max_window_layers",
            // Norms, activations and scales.
            "rms_norm_eps",
            "layer_norm_eps",
            "layer_norm_epsilon",
            "layernorm_epsilon",
            "norm_epsilon",
            "norm_eps",
            "norm_num_groups",
            "hidden_act",
            "hidden_activation",
            "activation_function",
            "activation",
            "act_fn",
            "feed_forward_proj",
            "dense_act_fn",
            "do_layer_norm_before",
            "parallel_attn",
            "use_parallel_residual",
            "apply_residual_connection_post_layernorm",
            "scale_attn_weights",
            "scale_embedding",
            "query_pre_attn_scalar",
            "attn_logit_softcapping",
            "final_logit_softcapping",
            "embedding_multiplier",
            "residual_multiplier",
            "attention_multiplier",
            "logits_scaling",
            "logit_scale",
            "layer_scale_init_value",
            "num_experts",
            "num_local_experts",
            "n_routed_experts",
            "num_experts_per_tok",
            "norm_topk_prob",
            "routed_scaling_factor",
            // Inputs and outputs.
            "tie_word_embeddings",
            "is_decoder",
            "pooling_mode",
            "prediction_type",
            "scaling_factor");

    /** The value of an absent key, where all models agree on it. */
    private static final Map<String, Object> ABSENT =
            Map.of("rope_theta", 10000.0, "rope_scaling", Settings.NONE, "rotary_emb_base", 10000.0);

    private static final String LABELS = "id2label";

    private ConfigKeys() {}

    /**
     * The keys of which two configs have different values, each with both; those of a part, such as text_config, with its name
     * before them.
     */
    static Map<String, List<String>> differences(Map<String, Object> a, Map<String, Object> b) {
        Map<String, List<String>> differences = new LinkedHashMap<>();
        Map<String, Object> first = plain(a);
        Map<String, Object> second = plain(b);
        for (String key : KEYS) {
            compare(key, first, second, differences);
        }
        if (!Settings.NONE.equals(first.getOrDefault("rope_scaling", Settings.NONE))) {
            // Where positions are not scaled, it is only a limit.
            compare("max_position_embeddings", first, second, differences);
        }
        if (first.get(LABELS) instanceof Map<?, ?> x
                && second.get(LABELS) instanceof Map<?, ?> y
                && new HashSet<>(x.values()).equals(new HashSet<>(y.values()))) {
            // Other names may be for the same classes; the same names in another order are not.
            compare(LABELS, first, second, differences);
        }
        first.forEach((key, part) -> {
            if (key.endsWith("_config") && part instanceof Map<?, ?> x && second.get(key) instanceof Map<?, ?> y) {
                differences(texts(x), texts(y)).forEach((k, values) -> differences.put(key + "." + k, values));
            }
        });
        return differences;
    }

    /** What is absent has the model's own default, which is known of few keys. */
    private static void compare(
            String key, Map<String, Object> a, Map<String, Object> b, Map<String, List<String>> differences) {
        Object absent = ABSENT.get(key);
        Object x = a.getOrDefault(key, absent);
        Object y = b.getOrDefault(key, absent);
        if (x != null && y != null && !x.equals(y)) {
            differences.put(
                    key,
                    List.of(
                            a.containsKey(key) ? Settings.text(x) : "absent",
                            b.containsKey(key) ? Settings.text(y) : "absent"));
        }
    }

    private static Map<String, Object> texts(Map<?, ?> part) {
        Map<String, Object> texts = new LinkedHashMap<>();
        part.forEach((key, value) -> texts.put((String) key, value));
        return texts;
    }

    /** The same settings, each in one of the ways in which it can be written. */
    private static Map<String, Object> plain(Map<String, Object> config) {
        Map<String, Object> plain = new TreeMap<>(config);
        if (config.get("rope_parameters") instanceof Map<?, ?> rope) {
            Map<String, Object> scaling = texts(rope);
            Object theta = scaling.remove("rope_theta");
            if (theta != null) {
                plain.put("rope_theta", theta);
            }
            plain.put("rope_scaling", scaling);
        }
        if (plain.get("rope_scaling") instanceof Map<?, ?> given) {
            Map<String, Object> scaling = new TreeMap<>(texts(given));
            Object type = scaling.remove("type");
            if (type != null) {
                scaling.putIfAbsent("rope_type", type);
            }
            boolean none = scaling.isEmpty() || scaling.equals(Map.of("rope_type", "default"));
            plain.put("rope_scaling", none ? Settings.NONE : scaling);
        }
        if (Boolean.FALSE.equals(config.get("use_sliding_window"))) {
            plain.put("sliding_window", Settings.NONE);
            plain.remove("max_window_layers");
        }
        if (config.get("architectures") instanceof List<?> names) {
            List<Object> unwrapped = new ArrayList<>();
            for (Object name : names) {
                unwrapped.add(name instanceof String text && text.startsWith("FSDP") ? text.substring(4) : name);
            }
            plain.put("architectures", unwrapped);
        }
        return plain;
    }
}
