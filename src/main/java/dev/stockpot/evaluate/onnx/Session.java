package dev.stockpot.evaluate.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.evaluate.heldout.HeldOutSet;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorMemory;
import dev.stockpot.text.NameList;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A model that runs with a candidate's values. For one thread. */
final class Session implements AutoCloseable {
    private final Path model;
    private final OrtSession session;
    private final OrtSession.SessionOptions settings;
    private final String candidate;
    private final Map<String, TensorInfo> inputs;
    private final String output;
    private final int batch;
    /** Whether the model takes no other number of examples. */
    private boolean fixed;

    private final List<String> notes = new ArrayList<>();

    private Session(
            Path model,
            OrtSession session,
            OrtSession.SessionOptions settings,
            EvaluatorOptions options,
            HeldOutSet data,
            String candidate)
            throws OrtException {
        this.model = model;
        this.session = session;
        this.settings = settings;
        this.candidate = candidate;
        this.inputs = inputs(data, options.inputName());
        this.output = output(options.outputName());
        this.batch = batch(options.batchSize());
    }

    /**
     * Makes a session.
     *
     * @throws EvaluationException if the runtime refuses the model, or its inputs are not those that the data has
     */
    static Session of(Path model, EvaluatorOptions options, HeldOutSet data, WeightPlan plan, Candidate candidate)
            throws InterruptedException {
        OrtSession.SessionOptions settings = new OrtSession.SessionOptions();
        OrtSession session = null;
        try (Weights weights = Weights.of(plan, candidate)) {
            settings.setIntraOpNumThreads(Math.max(1, options.threads() / options.jobs()));
            settings.setInterOpNumThreads(1);
            settings.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            weights.addTo(settings);
            session = OnnxRuntime.environment().createSession(weights.message(), settings);
            return new Session(model, session, settings, options, data, candidate.name());
        } catch (OrtException e) {
            close(session, settings);
            throw new EvaluationException(
                    Reason.MODULE,
                    model + " cannot be loaded by ONNX Runtime with " + candidate.name() + ": " + OnnxRuntime.reason(e),
                    Details.of().file(model).cause(e));
        } catch (IOException e) {
            close(session, settings);
            throw CheckpointException.unreadable(model, e);
        } catch (InterruptedException | RuntimeException | Error e) {
            close(session, settings);
            throw e;
        }
    }

    private static void close(OrtSession session, OrtSession.SessionOptions settings) {
        try {
            if (session != null) {
                session.close();
            }
        } catch (OrtException e) {
            // Nothing is left that could be done.
        }
        settings.close();
    }

    /** What each of the model's inputs gets. */
    private Map<String, TensorInfo> inputs(HeldOutSet data, Optional<String> named) {
        Set<String> names = session.getInputNames();
        if (named.isPresent() && !names.contains(named.get())) {
            throw wrong("has no input '" + named.get() + "'; it has " + NameList.of(names, 5));
        }
        Map<String, TensorInfo> found = new LinkedHashMap<>();
        List<String> rest = new ArrayList<>();
        for (String name : names) {
            Optional<TensorInfo> own = data.named(name);
            if (named.isPresent() && named.get().equals(name)) {
                found.put(name, data.inputs());
            } else if (own.isPresent()) {
                found.put(name, own.get());
            } else {
                rest.add(name);
            }
        }
        if (named.isEmpty() && rest.size() == 1) {
            found.put(rest.remove(0), data.inputs());
        }
        if (!rest.isEmpty()) {
            throw new EvaluationException(
                    Reason.NO_DATA,
                    model + " takes " + NameList.of(names, 5) + ", of which the data has no " + NameList.of(rest, 5),
                    Details.of()
                            .file(model)
                            .hint(
                                    "add them to the data file under these names, each [n, ...], or name the input that takes"
                                            + " '" + HeldOutSet.INPUTS + "'"));
        }
        return found;
    }

    private String output(Optional<String> named) {
        Set<String> names = session.getOutputNames();
        if (named.isPresent() && !names.contains(named.get())) {
            throw wrong("has no output '" + named.get() + "'; it has " + NameList.of(names, 5));
        }
        String first = names.iterator().next();
        if (named.isEmpty() && names.size() > 1) {
            notes.add("the " + WeightPlan.NOUN + " has " + names.size() + " outputs, of which the first, '" + first
                    + "', is taken for logits");
        }
        return named.orElse(first);
    }

    private EvaluationException wrong(String what) {
        return new EvaluationException(
                Reason.MODULE, model + " " + what, Details.of().file(model));
    }

    /** Examples at a time: as asked, or as many as the model was exported for. */
    private int batch(int asked) throws OrtException {
        for (NodeInfo input : session.getInputInfo().values()) {
            if (inputs.containsKey(input.getName())
                    && input.getInfo() instanceof ai.onnxruntime.TensorInfo tensor
                    && tensor.getShape().length > 0
                    && tensor.getShape()[0] > 0) {
                fixed = true;
                notes.add("the " + WeightPlan.NOUN + " takes " + tensor.getShape()[0]
                        + " examples at a time, as it was exported without a batch of any size");
                return (int) Math.min(Integer.MAX_VALUE, tensor.getShape()[0]);
            }
        }
        return asked;
    }

    int batch() {
        return batch;
    }

    List<String> notes() {
        return notes;
    }

    /**
     * The model's logits for examples.
     *
     * @throws EvaluationException if it fails or returns something else, or a label is not one of the classes
     */
    Logits logits(HeldOutSet.Reader reader, int[] examples) throws InterruptedException {
        int[] read = examples;
        if (fixed && examples.length < batch) {
            // The last ones are filled up with themselves.
            read = Arrays.copyOf(examples, batch);
            Arrays.fill(read, examples.length, batch, examples[examples.length - 1]);
        }
        Map<String, OnnxTensor> given = new LinkedHashMap<>();
        try {
            for (Map.Entry<String, TensorInfo> input : inputs.entrySet()) {
                given.put(input.getKey(), tensor(input.getValue(), reader, read));
            }
            try (OrtSession.Result result = session.run(given, Set.of(output))) {
                OnnxValue value = result.get(0);
                return Logits.of(model, value, read.length, examples, reader.labels(examples));
            }
        } catch (OrtException e) {
            throw new EvaluationException(
                    Reason.FAILED,
                    model + " fails on " + described(read.length) + " with " + candidate + ": " + OnnxRuntime.reason(e),
                    Details.of().file(model).cause(e));
        } finally {
            given.values().forEach(OnnxTensor::close);
        }
    }

    private String described(int examples) {
        List<String> words = new ArrayList<>();
        inputs.forEach((name, tensor) ->
                words.add(name + " " + tensor.dtype() + " " + Arrays.toString(shape(tensor, examples))));
        return String.join(", ", words);
    }

    private static long[] shape(TensorInfo tensor, int examples) {
        long[] shape = tensor.shape().stream().mapToLong(Long::longValue).toArray();
        shape[0] = examples;
        return shape;
    }

    private OnnxTensor tensor(TensorInfo stored, HeldOutSet.Reader reader, int[] rows)
            throws InterruptedException, OrtException {
        if (!OnnxRuntime.takes(stored.dtype())) {
            throw new EvaluationException(
                    Reason.NO_DATA,
                    "'" + stored.name() + "' is " + stored.dtype() + ", which ONNX Runtime does not take from Java");
        }
        long[] shape = shape(stored, rows.length);
        long bytes = Math.multiplyExact(stored.bytes() / stored.shape().get(0), (long) rows.length);
        ByteBuffer values = ByteBuffer.allocateDirect(Math.toIntExact(bytes));
        reader.read(stored, rows, TensorMemory.of(values));
        return OnnxTensor.createTensor(OnnxRuntime.environment(), values, shape, OnnxRuntime.type(stored.dtype()));
    }

    @Override
    public void close() {
        close(session, settings);
    }
}
