package dev.stockpot.evaluate.worker;

import dev.stockpot.error.Details;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.evaluate.GradientEvaluator;
import dev.stockpot.evaluate.HandedOver;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.evaluate.command.CommandLineWords;
import dev.stockpot.evaluate.worker.WorkerProtocol.EvaluateRequest;
import dev.stockpot.evaluate.worker.WorkerProtocol.GradientReply;
import dev.stockpot.evaluate.worker.WorkerProtocol.GradientRequest;
import dev.stockpot.evaluate.worker.WorkerProtocol.HelloReply;
import dev.stockpot.evaluate.worker.WorkerProtocol.Reply;
import dev.stockpot.evaluate.worker.WorkerProtocol.Request;
import dev.stockpot.text.NameList;
import java.util.Arrays;
import java.util.List;

/**
 * Scores candidates in the user's own processes, which live for the whole run and speak the protocol of {@code
 * src/main/proto/stockpot_worker.proto} over their stdin and stdout. Thread-safe; each evaluation under way has a process
 * of its own, up to {@link EvaluatorOptions#jobs} of them.
 */
public final class WorkerEvaluator implements GradientEvaluator {
    private final String commandLine;
    private final EvaluatorOptions options;
    private final WorkerPool pool;

    private WorkerEvaluator(String commandLine, EvaluatorOptions options, WorkerPool pool) {
        this.commandLine = commandLine;
        this.options = options;
        this.pool = pool;
    }

    /**
     * Starts the first process and asks what it can do.
     *
     * @param commandLine program and arguments, quoted as for a shell; no shell is run
     * @param options the timeout, the jobs and where stderr goes; the time until a process is ready to work does not
     *     count as part of an evaluation, and is limited to ten minutes, or to the timeout if that is longer
     * @throws EvaluationException if it does not start, or does not answer as a worker
     * @throws InterruptedException if the thread is interrupted; nothing is left running
     */
    public static WorkerEvaluator open(String commandLine, EvaluatorOptions options) throws InterruptedException {
        return open(commandLine, CommandLineWords.split(commandLine), options);
    }

    /** The same, with the program and its arguments as separate words. */
    public static WorkerEvaluator open(List<String> words, EvaluatorOptions options) throws InterruptedException {
        return open(CommandLineWords.join(words), words, options);
    }

    private static WorkerEvaluator open(String commandLine, List<String> words, EvaluatorOptions options)
            throws InterruptedException {
        return new WorkerEvaluator(commandLine, options, WorkerPool.open(commandLine, words, options));
    }

    /** What the worker calls itself, if it says what its scores depend on; else its command line too. */
    @Override
    public String identity() {
        HelloReply hello = pool.hello();
        return "worker " + hello.getName() + " " + (hello.getIdentity().isEmpty() ? commandLine : hello.getIdentity());
    }

    @Override
    public List<String> metrics() {
        return List.copyOf(pool.hello().getMetricsList());
    }

    @Override
    public Scores evaluate(Candidate candidate) throws InterruptedException {
        HelloReply hello = pool.hello();
        if (!hello.getEvaluates()) {
            throw new EvaluationException(
                    Reason.FAILED, candidate.name() + ": the worker " + hello.getName() + " does not evaluate");
        }
        return evaluate(candidate, EvaluateRequest.newBuilder(), hello.getMetricsList());
    }

    @Override
    public Scores evaluate(Candidate candidate, Batch batch) throws InterruptedException {
        Scores scores = evaluate(candidate, EvaluateRequest.newBuilder().setBatch(message(batch)), List.of());
        if (scores.get("loss").isEmpty()) {
            throw new EvaluationException(
                    Reason.NO_LOSS,
                    candidate.name() + ": the worker returned no loss for a batch but "
                            + NameList.of(scores.metrics().keySet()));
        }
        return scores;
    }

    private Scores evaluate(Candidate candidate, EvaluateRequest.Builder request, List<String> metrics)
            throws InterruptedException {
        return pool.use(candidate.name(), worker -> {
            try (HandedOver file = candidate.handOver(Candidate.Form.SAFETENSORS)) {
                request.setCheckpoint(path(file));
                Reply reply =
                        ask(worker, candidate, file, Request.newBuilder().setEvaluate(request), Reply.WhatCase.SCORES);
                return ScoresReader.read(candidate.name(), worker, reply.getScores(), metrics);
            }
        });
    }

    @Override
    public int examples() {
        HelloReply hello = pool.hello();
        if (!hello.getDifferentiates() || hello.getExamples() <= 0) {
            throw new EvaluationException(
                    Reason.NO_GRADIENT,
                    "the worker " + hello.getName() + " provides no gradients",
                    Details.of().hint("let it answer gradient requests and say how many examples it has"));
        }
        return hello.getExamples();
    }

    @Override
    public Gradient gradient(Candidate candidate, Batch batch) throws InterruptedException {
        WorkerProtocol.Batch message = message(batch);
        return pool.use(candidate.name(), worker -> {
            GradientFolder folder = GradientFolder.create(gradientBytes(candidate));
            WorkerGradient gradient = null;
            try (HandedOver file = candidate.handOver(Candidate.Form.SAFETENSORS)) {
                GradientRequest.Builder request = GradientRequest.newBuilder()
                        .setCheckpoint(path(file))
                        .setBatch(message)
                        .setGradient(folder.file().toString());
                GradientReply reply = ask(
                                worker,
                                candidate,
                                file,
                                Request.newBuilder().setGradient(request),
                                Reply.WhatCase.GRADIENT)
                        .getGradient();
                gradient = WorkerGradient.open(folder, candidate, reply.getLoss(), reply.getByBeta());
                return gradient;
            } finally {
                if (gradient == null) {
                    folder.close();
                }
            }
        });
    }

    /** Asks, then checks that the candidate is unchanged, even if the answer is an error: it may be an ingredient. */
    private Reply ask(
            WorkerProcess worker,
            Candidate candidate,
            HandedOver file,
            Request.Builder request,
            Reply.WhatCase expected)
            throws InterruptedException {
        Reply reply;
        try {
            reply = worker.ask(
                    candidate.name(), request, expected, options.timeout().orElse(null));
        } catch (EvaluationException e) {
            throw file.untouched(e);
        }
        file.checkUntouched();
        return reply;
    }

    private static String path(HandedOver file) {
        return file.path().toAbsolutePath().toString();
    }

    /** Bytes of a gradient: F64 for the candidate's F64 tensors, F32 for its other floats, none for integers. */
    private static long gradientBytes(Candidate candidate) {
        return candidate.tensors().values().stream()
                .filter(tensor -> tensor.dtype().isFloat())
                .mapToLong(tensor -> Math.multiplyExact(
                        tensor.elements(), Math.max(4, tensor.dtype().bits() / 8)))
                .sum();
    }

    private WorkerProtocol.Batch message(Batch batch) {
        int examples = examples();
        if (batch.examples().length == 0 || !Double.isFinite(batch.beta())) {
            throw new IllegalArgumentException("a batch should hold examples and a finite beta, but holds "
                    + batch.examples().length + " and " + batch.beta());
        }
        for (int example : batch.examples()) {
            if (example < 0 || example >= examples) {
                throw new IllegalArgumentException(
                        "example " + example + " should be in the range 0 to " + (examples - 1));
            }
        }
        return WorkerProtocol.Batch.newBuilder()
                .addAllExamples(() -> Arrays.stream(batch.examples()).iterator())
                .setBeta(batch.beta())
                .build();
    }

    @Override
    public void close() {
        pool.close();
    }
}
