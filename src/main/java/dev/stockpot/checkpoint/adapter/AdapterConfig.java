package dev.stockpot.checkpoint.adapter;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.text.TensorNames;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What an {@code adapter_config.json} of PEFT says about a LoRA adapter, as far as its weights depend on it. Settings under which
 * they mean something else than {@code W + scale * B A} are refused.
 */
public final class AdapterConfig {
    /** Its name in an adapter's directory. */
    public static final String FILE = "adapter_config.json";

    /** Larger ranks than any; it keeps sums of ranks far from overflowing. */
    static final int LARGEST_RANK = 1 << 20;

    /** Variants whose weights mean something else, by the key that turns them on. */
    private static final Map<String, String> REFUSED = Map.ofEntries(
            Map.entry("use_dora", "uses DoRA, which also scales the columns of every weight"),
            Map.entry("use_qalora", "uses QALoRA, which pools a layer's input"),
            Map.entry("use_bdlora", "uses block-diagonal LoRA"),
            Map.entry("arrow_config", "routes between adapters"),
            Map.entry("kasa_config", "uses KaSA, which has a third factor"),
            Map.entry("monteclora_config", "uses MonteCLoRA, which draws its factors at random"),
            Map.entry("alora_invocation_tokens", "is active only after some tokens (activated LoRA)"),
            Map.entry("layer_replication", "repeats layers of its base (layer_replication)"),
            Map.entry("target_parameters", "adapts parameters of several experts at once (target_parameters)"),
            Map.entry("trainable_token_indices", "has embeddings of single tokens (trainable_token_indices)"));

    /** What else PEFT (0.21) writes: what the weights do not depend on, or what is read here. */
    private static final Set<String> KNOWN = Set.of(
            "alpha_pattern",
            "auto_mapping",
            "base_model_name_or_path",
            "bias",
            "corda_config",
            "ensure_weight_tying",
            "eva_config",
            "exclude_modules",
            "fan_in_fan_out",
            "inference_mode",
            "init_lora_weights",
            "layers_pattern",
            "layers_to_transform",
            "loftq_config",
            "lora_alpha",
            "lora_bias",
            "lora_dropout",
            "lora_ga_config",
            "megatron_config",
            "megatron_core",
            "modules_to_save",
            "peft_type",
            "peft_version",
            "qalora_group_size",
            "r",
            "rank_pattern",
            "revision",
            "runtime_config",
            "target_modules",
            "task_type",
            "use_rslora",
            "velora_config");

    /** Starting points for which PEFT changes the base's weights as it loads the adapter. */
    private static final List<String> CHANGING = List.of("pissa", "olora", "corda", "loftq", "lora_ga");

    private final Path file;
    private final ConfigJson json;
    private final double alpha;
    private final long rank;
    private final boolean byRoot;
    private final ModulePatterns ranks;
    private final ModulePatterns alphas;

    private AdapterConfig(Path file, ConfigJson json) {
        this.file = file;
        this.json = json;
        this.rank = rank("r", json.number("r").orElse(8.0));
        this.alpha = json.number("lora_alpha").orElse(8.0);
        this.byRoot = json.isOn("use_rslora");
        this.ranks = new ModulePatterns(file, json.numbers("rank_pattern"));
        this.alphas = new ModulePatterns(file, json.numbers("alpha_pattern"));
        json.numbers("rank_pattern").forEach((key, value) -> rank("rank_pattern." + key, value));
    }

    /**
     * Reads one.
     *
     * @throws CheckpointException if there is none, it is damaged, or it is of another kind of adapter
     */
    public static AdapterConfig read(Path file) {
        ConfigJson json = ConfigJson.read(file);
        String type = json.text("peft_type")
                .orElseThrow(() -> new CheckpointException(Reason.DAMAGED, file, "has no peft_type"));
        if (!type.equals("LORA")) {
            throw refused(file, "is of a " + type + " adapter: of PEFT's kinds only LORA is a sum of products");
        }
        for (Map.Entry<String, String> key : REFUSED.entrySet()) {
            if (json.isOn(key.getKey())) {
                throw refused(file, key.getValue());
            }
        }
        String start = json.text("init_lora_weights").orElse("").toLowerCase(Locale.ROOT);
        for (String changing : CHANGING) {
            if (start.startsWith(changing)) {
                throw new CheckpointException(
                        Reason.UNSUPPORTED,
                        file,
                        "says init_lora_weights: " + start
                                + ": PEFT changes the base's weights before such an adapter is added",
                        Details.of()
                                .hint("save it as a plain LoRA adapter: PEFT's save_pretrained does that with"
                                        + " path_initial_model_for_weight_conversion"));
            }
        }
        return new AdapterConfig(file, json);
    }

    private static CheckpointException refused(Path file, String why) {
        return new CheckpointException(
                Reason.UNSUPPORTED,
                file,
                why,
                Details.of().hint("merge it into its base with PEFT (merge_and_unload), and take the merged model"));
    }

    private long rank(String key, double value) {
        if (!(value >= 1 && value <= LARGEST_RANK) || value != Math.rint(value)) {
            throw new CheckpointException(
                    Reason.DAMAGED,
                    file,
                    key + " should be a whole number in [1, " + LARGEST_RANK + "] but is " + ConfigJson.plain(value));
        }
        return (long) value;
    }

    /** The file that says so. */
    public Path file() {
        return file;
    }

    /** What to know about it: settings that are on and not known here, which another version of PEFT may go by. */
    public List<String> notes() {
        List<String> unknown = json.values().keySet().stream()
                .filter(key -> !KNOWN.contains(key) && !REFUSED.containsKey(key) && json.isOn(key))
                .toList();
        return unknown.isEmpty()
                ? List.of()
                : List.of(
                        file + " has settings that are not known, and are not heeded: " + TensorNames.listed(unknown));
    }

    /** What it says besides. */
    public ConfigJson json() {
        return json;
    }

    /** The rank that a module's factors have. */
    public long rank(String module) {
        return (long) (double) ranks.of(module).orElse((double) rank);
    }

    /**
     * What a module's product {@code B A} is multiplied with: {@code lora_alpha / r}, or {@code lora_alpha / sqrt(r)} with {@code
     * use_rslora} (Kalajdzievski, <a href="https://arxiv.org/abs/2312.03732">2312.03732</a>).
     *
     * @param ofRank the module's rank
     */
    public double scale(String module, long ofRank) {
        double own = alphas.of(module).orElse(alpha);
        return byRoot ? own / Math.sqrt(ofRank) : own / ofRank;
    }

    /** Whether the adapted layers keep their weights transposed, as GPT-2's do; a layer that is not square shows it itself. */
    public boolean fanInFanOut() {
        return json.isOn("fan_in_fan_out");
    }

    /** The name or path of the model that it was made for. */
    public Optional<String> base() {
        return json.text("base_model_name_or_path").filter(name -> !name.isEmpty());
    }
}
