package dev.stockpot.soup.search;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.read.TensorDigest;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.soup.options.CandidateOptions;
import dev.stockpot.soup.options.MatchOptions;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.MemorySource;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a search's scores depend on: distinguishes checkpoints from each other, and from their own earlier versions. */
public final class Identity {
    private static final int SHOWN = 8;

    private Identity() {}

    /**
     * Path, size, modification time, and a hash of the header; of tensors in a program's memory the values are hashed too, of
     * files none is read.
     *
     * @throws InterruptedException if the thread is interrupted
     */
    public static String of(Checkpoint checkpoint) throws InterruptedException {
        try {
            MessageDigest header = MessageDigest.getInstance("SHA-256");
            for (TensorInfo tensor : checkpoint.tensors().values()) {
                String line = tensor.name() + '\0' + tensor.dtype() + tensor.shape() + tensor.offset() + '\n';
                header.update(line.getBytes(StandardCharsets.UTF_8));
                if (tensor.source() instanceof MemorySource) {
                    header.update(TensorDigest.sha256(tensor).getBytes(StandardCharsets.UTF_8));
                }
            }
            Path path = checkpoint.files().isEmpty()
                    ? checkpoint.path()
                    : checkpoint.path().toRealPath();
            StringBuilder text = new StringBuilder(path.toString());
            text.append(" (").append(checkpoint.bytes()).append(" bytes");
            for (Checkpoint.FileSize file : checkpoint.files()) {
                text.append(", ").append(Files.getLastModifiedTime(file.file()));
            }
            String hash = HexFormat.of().formatHex(header.digest(), 0, SHOWN);
            return text.append(", header ").append(hash).append(')').toString();
        } catch (IOException e) {
            throw new CheckpointException(
                    Reason.CHANGED,
                    checkpoint.path(),
                    "went away: " + e.getMessage(),
                    Details.of().cause(e));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What all scores of a search depend on, by name. */
    public static Map<String, String> ofCandidates(Evaluator evaluator, CandidateOptions options) {
        Map<String, String> identity = new LinkedHashMap<>();
        identity.put("evaluator", evaluator.identity());
        identity.put("dtype", options.dtype().map(DType::toString).orElse("the ingredients' own"));
        identity.put("way with missing tensors", options.onMissing().toString());
        MatchOptions matching = options.matching();
        if (!matching.equals(
                MatchOptions.builder().onMissing(matching.onMissing()).build())) {
            identity.put("matching", matching.toString());
        }
        return identity;
    }

    /** The identities of the ingredients, by their numbers from 1. */
    public static Map<String, String> ofIngredients(List<Checkpoint> ingredients) throws InterruptedException {
        Map<String, String> identity = new LinkedHashMap<>();
        for (int i = 0; i < ingredients.size(); i++) {
            identity.put("ingredient " + (i + 1), of(ingredients.get(i)));
        }
        return identity;
    }
}
