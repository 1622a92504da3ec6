package dev.stockpot.soup.adapter;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import dev.stockpot.checkpoint.adapter.AdapterTensors;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;

/** The {@code adapter_config.json} of an average: the first adapter's, with what its factors ask for. */
final class MeanConfig {
    private static final List<String> TARGETS =
            List.of("target_modules", "exclude_modules", "layers_to_transform", "layers_pattern");

    private final List<AdapterTensors> adapters;
    private final List<MeanModule> modules;
    private final Map<String, Value> changed = new LinkedHashMap<>();

    /** Writes a value. */
    private interface Value {
        void write(JsonGenerator json) throws IOException;
    }

    MeanConfig(List<AdapterTensors> adapters, List<MeanModule> modules) {
        this.adapters = adapters;
        this.modules = modules;
        double rank = common(MeanModule::rank);
        double alpha = common(MeanModule::alpha);
        changed.put("r", json -> json.writeNumber((int) rank));
        changed.put("lora_alpha", json -> write(json, alpha));
        changed.put("rank_pattern", json -> writeOthers(json, MeanModule::rank, rank));
        changed.put("alpha_pattern", json -> writeOthers(json, MeanModule::alpha, alpha));
        changed.put("use_rslora", json -> json.writeBoolean(false));
        changed.put("inference_mode", json -> json.writeBoolean(true));
        if (modules.stream().anyMatch(MeanModule::hasBias)) {
            changed.put("lora_bias", json -> json.writeBoolean(true));
        }
        if (!targetsAreAlike()) {
            TreeSet<String> names = new TreeSet<>();
            modules.forEach(module -> names.add(module.name()));
            changed.put("target_modules", json -> write(json, names));
            TARGETS.subList(1, TARGETS.size()).forEach(key -> changed.put(key, JsonGenerator::writeNull));
        }
        TreeSet<String> saved = new TreeSet<>();
        for (AdapterTensors adapter : adapters) {
            if (adapter.config().json().value("modules_to_save").orElse(null) instanceof List<?> list) {
                list.forEach(name -> saved.add(String.valueOf(name)));
            }
        }
        if (!saved.isEmpty()) {
            changed.put("modules_to_save", json -> write(json, saved));
        }
    }

    /** What most modules have. */
    private double common(ToDoubleFunction<MeanModule> of) {
        Map<Double, Integer> counts = new HashMap<>();
        double most = of.applyAsDouble(modules.get(0));
        for (MeanModule module : modules) {
            double value = of.applyAsDouble(module);
            if (counts.merge(value, 1, Integer::sum) > counts.getOrDefault(most, 0)) {
                most = value;
            }
        }
        return most;
    }

    /** Lists may be in any order. */
    private boolean targetsAreAlike() {
        for (String key : TARGETS) {
            Object first = plain(adapters.get(0), key);
            for (AdapterTensors other : adapters) {
                if (!plain(other, key).equals(first)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static Object plain(AdapterTensors adapter, String key) {
        Optional<Object> value = adapter.config().json().value(key);
        if (value.isPresent() && value.get() instanceof List<?> list) {
            TreeSet<String> sorted = new TreeSet<>();
            list.forEach(element -> sorted.add(String.valueOf(element)));
            return sorted;
        }
        return value;
    }

    /** Modules that have something else, each by an expression that matches its whole name alone. */
    private void writeOthers(JsonGenerator json, ToDoubleFunction<MeanModule> of, double common) throws IOException {
        json.writeStartObject();
        for (MeanModule module : modules) {
            double value = of.applyAsDouble(module);
            if (value != common) {
                json.writeFieldName("^" + module.name().replaceAll("[^\\w]", "\\\\$0"));
                write(json, value);
            }
        }
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, double value) throws IOException {
        if (value == Math.rint(value) && Math.abs(value) < Integer.MAX_VALUE) {
            json.writeNumber((int) value);
        } else {
            json.writeNumber(value);
        }
    }

    private static void write(JsonGenerator json, Collection<String> texts) throws IOException {
        json.writeStartArray();
        for (String text : texts) {
            json.writeString(text);
        }
        json.writeEndArray();
    }

    String text() {
        StringWriter text = new StringWriter();
        JsonFactory factory = new JsonFactory();
        try (JsonParser first =
                        factory.createParser(adapters.get(0).config().json().bytes());
                JsonGenerator json = factory.createGenerator(text).setPrettyPrinter(new DefaultPrettyPrinter())) {
            Map<String, Value> left = new LinkedHashMap<>(changed);
            first.nextToken();
            json.writeStartObject();
            for (String key = first.nextFieldName(); key != null; key = first.nextFieldName()) {
                first.nextToken();
                json.writeFieldName(key);
                Value other = left.remove(key);
                if (other == null) {
                    json.copyCurrentStructure(first);
                } else {
                    first.skipChildren();
                    other.write(json);
                }
            }
            for (Map.Entry<String, Value> entry : left.entrySet()) {
                json.writeFieldName(entry.getKey());
                entry.getValue().write(json);
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.append('\n').toString();
    }
}
