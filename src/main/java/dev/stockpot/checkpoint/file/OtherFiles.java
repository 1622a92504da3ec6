package dev.stockpot.checkpoint.file;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** Files that no reader reads: what they are, by their first bytes, and how people get from them to weights. */
public final class OtherFiles {
    /** From variables of TensorFlow below a PREFIX. */
    public static final String FROM_TENSORFLOW =
            "in Python, numpy.savez(\"model.npz\", **{n: tf.train.load_variable(PREFIX, n)"
                    + " for n, _ in tf.train.list_variables(PREFIX)}) saves its variables, where PREFIX is the path up to .index";

    private static final String FROM_FLAX = "in Python, numpy.savez(\"model.npz\", **flax.traverse_util.flatten_dict("
            + "flax.serialization.msgpack_restore(open(FILE, \"rb\").read()), sep=\"/\")) saves its arrays";
    /** From Orbax in a FOLDER. */
    public static final String FROM_ORBAX =
            "in Python, orbax.checkpoint.StandardCheckpointer().restore(FOLDER) reads it, and"
                    + " numpy.savez(\"model.npz\", **flax.traverse_util.flatten_dict(..., sep=\"/\")) saves its arrays";
    /** Of exported models, which hold no more than they need to run. */
    public static final String FROM_ONNX =
            "an exported model for inference: average the checkpoints that were exported, then export the soup";

    private static final String FROM_GGML =
            "take the model that it was made of, or convert it to GGUF: llama.cpp's convert_llama_ggml_to_gguf.py";
    private static final String FROM_KERAS =
            "load it with Keras and save its weights as safetensors, by name: safetensors.numpy.save_file({w.path:"
                    + " w.numpy() for w in model.weights}, \"model.safetensors\")";

    /** A file of words, such as a server's answer, is shown up to this length. */
    private static final int LONGEST_SHOWN = 300;

    private OtherFiles() {}

    /**
     * What a file is.
     *
     * @param start its first bytes
     * @param text the same as characters, one for each byte
     */
    static FileSniffer told(byte[] start, String text, Path file) {
        String name = file.getFileName().toString();
        String trimmed = text.strip().toLowerCase(Locale.ROOT);
        if (start.length == 0) {
            return FileSniffer.not(
                    "an empty file", "an interrupted download or a full disk leaves these: fetch it again");
        }
        if (text.startsWith("version https://git-lfs")) {
            return FileSniffer.not("a Git LFS pointer, not the file itself", "fetch it with: git lfs pull");
        }
        if (trimmed.startsWith("<!doctype html") || trimmed.startsWith("<html") || trimmed.startsWith("<head")) {
            return FileSniffer.not(
                    "an HTML page", "the download returned a web page, perhaps a login or an error: fetch it again");
        }
        if (name.equals("adapter_config.json")) {
            return FileSniffer.not("the settings of an adapter", "name the folder that it is in: that is the adapter");
        }
        FileSniffer model = model(start, text, name);
        if (model != null) {
            return model;
        }
        if (text.startsWith("\37\213")) {
            return FileSniffer.not(
                    "a gzip file",
                    name.endsWith(".nemo")
                            ? "a NeMo archive: unpack it (tar -xzf) and average its model_weights.ckpt"
                            : "unpack it first");
        }
        if (text.chars().allMatch(c -> c == 0)) {
            return FileSniffer.not("a file that starts with zero bytes", "the download did not finish: fetch it again");
        }
        if (trimmed.startsWith("{") || trimmed.startsWith("[")) {
            return words("a JSON file", start);
        }
        if (text.chars().allMatch(c -> c == '\t' || c == '\n' || c == '\r' || c >= ' ' && c != 127) && isText(start)) {
            return words("a text file", start);
        }
        return FileSniffer.not("some other kind of data, or a damaged file");
    }

    /** Models in formats that are not read; null if it is none. */
    private static FileSniffer model(byte[] start, String text, String name) {
        if (text.startsWith("GGML") || text.startsWith("lmgg") || text.startsWith("fmgg") || text.startsWith("tjgg")) {
            return FileSniffer.not("a GGML file, from before GGUF", FROM_GGML);
        }
        if (text.startsWith("\211HDF\r\n")) {
            return FileSniffer.not("an HDF5 file (Keras or TensorFlow)", FROM_KERAS);
        }
        if (name.matches(".*\\.data-\\d{5}-of-\\d{5}")) {
            return FileSniffer.not("the values of a TensorFlow checkpoint", FROM_TENSORFLOW);
        }
        if (text.startsWith("\b\1\22")) {
            return FileSniffer.not("a TensorFlow saved model", FROM_TENSORFLOW);
        }
        if (text.startsWith("\f\u00db:*") || name.equals("manifest.ocdbt")) {
            return FileSniffer.not("the manifest of an Orbax checkpoint (OCDBT)", FROM_ORBAX);
        }
        if (name.endsWith(".mlmodel")) {
            return FileSniffer.not("a Core ML model", FROM_ONNX);
        }
        if (text.startsWith("TFL3", 4)) {
            return FileSniffer.not("a TensorFlow Lite model", FROM_ONNX);
        }
        // The version of the format (onnx.proto, ModelProto.ir_version), then the name of what wrote it.
        if (name.endsWith(".onnx") || (text.startsWith("\b") && text.startsWith("\22", 2) && start[1] >= 3)) {
            return new FileSniffer(FileSniffer.Kind.ONNX, "an ONNX model", Optional.empty());
        }
        return looksLikeMessagePack(start) ? FileSniffer.not("a MessagePack file, as Flax writes", FROM_FLAX) : null;
    }

    /** A map whose first key is text. */
    private static boolean looksLikeMessagePack(byte[] start) {
        int first = start[0] & 0xFF;
        int key = first == 0xDE ? 3 : first == 0xDF ? 5 : first > 0x80 && first < 0x90 ? 1 : start.length;
        return key < start.length && ((start[key] & 0xE0) == 0xA0 || (start[key] & 0xFF) == 0xD9);
    }

    /** Whether it is UTF-8, perhaps cut off in the middle of a character. */
    private static boolean isText(byte[] start) {
        String decoded = new String(start, StandardCharsets.UTF_8);
        int bad = decoded.indexOf('\uFFFD');
        return bad < 0 || bad >= decoded.length() - 3;
    }

    /** A short text is the reason itself: a server's message, saved under the model's name. */
    private static FileSniffer words(String what, byte[] start) {
        String text = new String(start, StandardCharsets.UTF_8).strip();
        return text.length() <= LONGEST_SHOWN
                ? FileSniffer.not(
                        what + ": " + text.replaceAll("\\s+", " "),
                        "if it is an answer of the server, fetch the file again")
                : FileSniffer.not(what);
    }
}
