package dev.stockpot.engine.write;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.stockpot.checkpoint.file.CheckpointLayout;
import dev.stockpot.checkpoint.file.FileLayout;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.system.FileDigest;
import dev.stockpot.system.Jobs;
import dev.stockpot.text.JsonValues;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a part says of itself, in a small file beside its shards.
 *
 * @param recipe the digest of all that parts of one output have in common: every shard's header, which has the recipe, and the
 *     ingredients' files, of which it looks at some blocks
 * @param files the part's shards by their names in the output, with their lengths
 */
record PartRecord(String recipe, Map<String, Long> files) {
    /** What the file is called. */
    static final String FILE = "stockpot_part.json";

    private static final JsonFactory JSON = new JsonFactory();
    /** The first digit of a record that is made otherwise is another one. */
    private static final String VERSION = "1";
    /** Files that are looked at at a time: each look waits for a disk or a server. */
    private static final int SIDE = 8;

    /**
     * The record of a part.
     *
     * @param whole the output's layout
     * @param own the part's
     * @param inputs the ingredients' files
     */
    static PartRecord of(CheckpointLayout whole, CheckpointLayout own, List<Path> inputs) throws InterruptedException {
        String[] samples = new String[inputs.size()];
        Jobs.run(SIDE, samples.length, k -> samples[k] = FileDigest.sampled(inputs.get(k)));
        FileDigest.Parts digest = new FileDigest.Parts();
        for (FileLayout file : whole.files()) {
            digest.add(file.name());
            digest.add(file.header());
        }
        List.of(samples).forEach(digest::add);
        Map<String, Long> files = new LinkedHashMap<>();
        own.files().forEach(file -> files.put(file.name(), file.bytes()));
        return new PartRecord(VERSION + digest.value(), files);
    }

    /** Its text. */
    String text() {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("recipe", recipe);
            json.writeObjectFieldStart("files");
            for (Map.Entry<String, Long> file : files.entrySet()) {
                json.writeNumberField(file.getKey(), file.getValue());
            }
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.append('\n').toString();
    }

    /**
     * That of the part in {@code folder}.
     *
     * @throws CheckpointException if there is none
     */
    static PartRecord read(Path folder) {
        Path file = folder.resolve(FILE);
        try {
            Map<?, ?> fields = (Map<?, ?>) JsonValues.read(Files.readString(file));
            Map<String, Long> files = new LinkedHashMap<>();
            JsonValues.numbers(fields.get("files")).forEach((name, bytes) -> files.put(name, bytes.longValue()));
            return new PartRecord(fields.get("recipe").toString(), files);
        } catch (IOException | RuntimeException e) {
            throw new CheckpointException(Reason.PARTS, file, "does not say what the part is: write it again");
        }
    }
}
