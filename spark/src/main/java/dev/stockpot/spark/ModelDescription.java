package dev.stockpot.spark;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.CheckpointBuilder;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.spark.store.Stores;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.FileVersion;
import dev.stockpot.tensor.TensorInfo;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A checkpoint as text and numbers, for another process: where its tensors are, in which versions of its files.
 *
 * @param name of the checkpoint
 * @param files that hold tensors
 * @param tensors in the checkpoint's order
 */
record ModelDescription(
        String name,
        String format,
        HashMap<String, String> metadata,
        ArrayList<String> folders,
        ArrayList<VersionedFile> files,
        ArrayList<Tensor> tensors)
        implements Serializable {

    /**
     * A tensor's place.
     *
     * @param file which of the files it is in
     */
    record Tensor(String name, DType dtype, long[] shape, int file, long offset, long bytes) implements Serializable {}

    /** @throws SoupException if some of its values are not in its files as they are, so that no other process finds them */
    static ModelDescription of(Checkpoint model) {
        Map<Path, Integer> places = new LinkedHashMap<>();
        ArrayList<VersionedFile> files = new ArrayList<>();
        for (Checkpoint.FileSize file : model.files()) {
            places.put(file.file(), places.size());
            files.add(null);
        }
        ArrayList<Tensor> tensors = new ArrayList<>();
        for (TensorInfo tensor : model.tensors().values()) {
            FileSource source = tensor.source() instanceof FileSource file ? file : null;
            Integer place = source == null ? null : places.get(source.path());
            FileVersion version = place == null ? null : source.version().orElse(null);
            if (version == null) {
                throw new SoupException(
                        Reason.UNSUPPORTED,
                        "tensor " + tensor.name() + " of " + model.path()
                                + " is not in its file as it is, so executors cannot read it there",
                        Details.of()
                                .file(model.path())
                                .tensor(tensor.name())
                                .hint("convert the model to safetensors first"));
            }
            files.set(place, VersionedFile.of(source.path(), version));
            long[] shape = tensor.shape().stream().mapToLong(size -> size).toArray();
            tensors.add(new Tensor(tensor.name(), tensor.dtype(), shape, place, tensor.offset(), tensor.bytes()));
        }
        return new ModelDescription(
                model.path().toString(),
                model.format(),
                new HashMap<>(model.metadata()),
                new ArrayList<>(model.folders()),
                files,
                tensors);
    }

    /** The checkpoint, in this process; nothing is read. */
    Checkpoint checkpoint(Stores stores) {
        CheckpointBuilder builder = Checkpoint.describing(stores.path(name), format)
                .metadata(metadata)
                .folders(folders);
        List<FileSource> sources = new ArrayList<>();
        for (VersionedFile file : files) {
            sources.add(file == null ? null : file.source(stores));
            if (file != null) {
                builder.file(sources.get(sources.size() - 1).path(), file.bytes());
            }
        }
        for (Tensor tensor : tensors) {
            List<Long> shape = new ArrayList<>();
            for (long size : tensor.shape) {
                shape.add(size);
            }
            builder.put(new TensorInfo(
                    tensor.name, tensor.dtype, shape, sources.get(tensor.file), tensor.offset, tensor.bytes));
        }
        return builder.build();
    }
}
