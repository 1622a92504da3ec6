package dev.stockpot.soup.search;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.file.TensorValues;
import dev.stockpot.engine.Average;
import dev.stockpot.engine.Copy;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.Way;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.system.FileDigest;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * What a model is, as a digest of what it is made of: its tensors' names, types and shapes, how each is mixed, and the
 * values of its sources. Where the files are, when they were written and what else they hold is no part of it.
 *
 * <p>Of a source up to 64 KiB all values count, of a larger one four blocks of 16 KiB: its beginning, its end and two evenly
 * between. Training moves all of a tensor, so a model that was trained further differs in them; a change in a few rows of one
 * large tensor may not. Each source is read once. Thread-safe.
 */
public final class Identity {
    private static final int WHOLE = 1 << 16;
    private static final int BLOCKS = 4;
    private static final int BLOCK = WHOLE / BLOCKS;

    private final Map<TensorInfo, byte[]> values = new ConcurrentHashMap<>();
    private final Map<Path, byte[]> settings = new ConcurrentHashMap<>();

    /**
     * The digest of a model, in lower-case hexadecimal.
     *
     * @throws CheckpointException if a source is no longer what it was, or cannot be read
     * @throws InterruptedException if the thread is interrupted
     */
    public String of(Mixture model) throws InterruptedException {
        MessageDigest digest = sha256();
        List<MixTensor> byName = new ArrayList<>(model.tensors());
        byName.sort(Comparator.comparing(MixTensor::name));
        for (MixTensor tensor : byName) {
            add(digest, tensor);
        }
        Checkpoint first = model.ingredients().get(0);
        if (!first.files().isEmpty() && Files.isDirectory(first.home())) {
            digest.update(ofSettings(first.home()));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private void add(MessageDigest digest, MixTensor tensor) throws InterruptedException {
        add(digest, tensor.name());
        add(digest, tensor.dtype() + " " + tensor.shape() + " " + how(tensor));
        for (TensorInfo source : tensor.sources()) {
            digest.update(of(source));
        }
        for (MixTensor part : tensor.rest()) {
            add(digest, part);
        }
    }

    /** In texts that differ wherever the values may. */
    private static String how(MixTensor tensor) {
        Way how = tensor.how();
        boolean same = tensor.dtype() == tensor.sources().get(0).dtype();
        if (how == Copy.BYTES || same && tensor.sources().size() == 1 && how.equals(Average.SUM)) {
            return "copied";
        }
        if (how instanceof Average average) {
            return (average.weights() == null
                            ? "sum"
                            : Arrays.stream(average.weights())
                                    .mapToObj(Double::toHexString)
                                    .collect(Collectors.joining(" ")))
                    + " / " + Double.toHexString(average.divisor());
        }
        // Others are records. One whose text does not say what it does is never found again, which costs an evaluation.
        return how.toString();
    }

    private byte[] of(TensorInfo source) throws InterruptedException {
        byte[] known = values.get(source);
        if (known == null) {
            known = sampled(source);
            values.put(source, known);
        }
        return known;
    }

    private static byte[] sampled(TensorInfo source) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("cancelled");
        }
        MessageDigest digest = sha256();
        add(digest, source.dtype() + " " + source.shape());
        long bytes = source.bytes();
        try (TensorValues of = TensorValues.open(source)) {
            if (bytes <= WHOLE) {
                add(digest, of, 0, (int) bytes);
                return digest.digest();
            }
            for (int block = 0; block < BLOCKS - 1; block++) {
                add(digest, of, (bytes - BLOCK) / (BLOCKS - 1) * block, BLOCK);
            }
            add(digest, of, bytes - BLOCK, BLOCK);
            return digest.digest();
        }
    }

    private static void add(MessageDigest digest, TensorValues values, long offset, int length) {
        ByteBuffer block = ByteBuffer.allocate(length);
        values.read(offset, block);
        digest.update(block.flip());
    }

    /** Of the files beside the weights in a model directory, those that change what its model does. */
    private byte[] ofSettings(Path folder) {
        byte[] known = settings.get(folder);
        if (known == null) {
            MessageDigest digest = sha256();
            for (Path file : settingsIn(folder)) {
                add(digest, file.getFileName().toString());
                add(digest, FileDigest.sha256(file));
            }
            known = digest.digest();
            settings.put(folder, known);
        }
        return known;
    }

    private static List<Path> settingsIn(Path folder) {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, Identity::isSetting)) {
            entries.forEach(files::add);
        } catch (IOException e) {
            throw CheckpointException.unreadable(folder, e);
        }
        files.sort(Comparator.comparing(file -> file.getFileName().toString()));
        return files;
    }

    private static boolean isSetting(Path file) {
        String name = file.getFileName().toString();
        return (name.endsWith("config.json")
                        || name.startsWith("tokenizer")
                        || name.startsWith("vocab")
                        || name.startsWith("merges"))
                && Files.isRegularFile(file);
    }

    /** With its length, so that no two texts are added as one. */
    private static void add(MessageDigest digest, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
        digest.update(bytes);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
