package dev.stockpot.evaluate.worker;

import dev.stockpot.error.Details;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.command.JobNumbers;
import dev.stockpot.evaluate.command.ProcessLines;
import dev.stockpot.evaluate.worker.WorkerProtocol.HelloReply;
import dev.stockpot.evaluate.worker.WorkerProtocol.HelloRequest;
import dev.stockpot.evaluate.worker.WorkerProtocol.Reply;
import dev.stockpot.evaluate.worker.WorkerProtocol.Request;
import dev.stockpot.evaluate.worker.WorkerProtocol.ShutdownRequest;
import dev.stockpot.system.ProcessTree;
import dev.stockpot.system.TaskPool;
import dev.stockpot.text.Figures;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * A running worker and the conversation with it, one request at a time. Any failure ends the process: a conversation that
 * is out of step cannot be repaired.
 */
final class WorkerProcess implements AutoCloseable {
    /** The version of the protocol that Stockpot speaks. */
    static final int PROTOCOL_VERSION = 1;

    private static final int ERRORS_SHOWN = 20;
    private static final int LONGEST_ERROR = 4096;
    /** Characters of a worker's message, of its traceback, and of its last lines, that are shown. */
    private static final int LONGEST_REPORT = 6000;
    /** For the words around them. */
    private static final int MARGIN = 100;

    private static final Duration SHUTDOWN_LIMIT = Duration.ofSeconds(5);
    /** How often to check that a silent worker still runs; its pipe may outlive it in a child process. */
    private static final long LOOK_MILLIS = 500;

    private final ProcessTree tree;
    private final Process process;
    private final ProcessLines stderr;
    private final Frames replies;
    /** Does the reads and writes, which cannot be interrupted; the caller can be, and then kills the process. */
    private final TaskPool pipes;

    /** To be run once it has ended; then replaced, as it may be killed twice. */
    private final AtomicReference<Runnable> ended;

    private long lastId;

    private WorkerProcess(ProcessTree tree, Consumer<String> output, Runnable ended) {
        this.tree = tree;
        this.ended = new AtomicReference<>(ended);
        this.process = tree.process();
        this.stderr = new ProcessLines(
                process.getErrorStream(), "worker " + process.pid() + " stderr", ERRORS_SHOWN, LONGEST_ERROR, output);
        this.replies = new Frames(process.getInputStream());
        this.pipes = TaskPool.of("worker " + process.pid(), 1);
    }

    /**
     * Starts a process without asking it anything yet.
     *
     * @param about starts the message of an error: the candidate's name
     * @param numbers has a number for it until it ends
     * @throws EvaluationException if the program cannot be started
     */
    static WorkerProcess start(String about, List<String> words, Consumer<String> output, JobNumbers numbers) {
        ProcessBuilder builder = new ProcessBuilder(words);
        int number = numbers.take(builder.environment());
        try {
            return new WorkerProcess(ProcessTree.start(builder), output, () -> numbers.giveBack(number));
        } catch (IOException e) {
            numbers.giveBack(number);
            throw new EvaluationException(
                    Reason.NOT_STARTED,
                    about + ": the worker cannot be started: " + e.getMessage(),
                    Details.of().cause(e));
        }
    }

    /** Asks what the worker can do. */
    HelloReply hello(String about, Duration limit) throws InterruptedException {
        String version = WorkerProcess.class.getPackage().getImplementationVersion();
        HelloRequest hello = HelloRequest.newBuilder()
                .setProtocolVersion(PROTOCOL_VERSION)
                .setStockpotVersion(version == null ? "development" : version)
                .build();
        HelloReply reply = ask(about, Request.newBuilder().setHello(hello), Reply.WhatCase.HELLO, limit)
                .getHello();
        if (reply.getProtocolVersion() != PROTOCOL_VERSION) {
            throw failed(
                    about,
                    "speaks version " + reply.getProtocolVersion() + " of the protocol, Stockpot speaks version "
                            + PROTOCOL_VERSION,
                    null);
        }
        return reply;
    }

    /**
     * Asks and waits for the answer.
     *
     * @param about starts the message of an error: the candidate's name
     * @param limit longest wait, or null for none
     * @throws EvaluationException if the answer is not {@code expected}, or none comes
     * @throws InterruptedException if the thread is interrupted; the process has ended
     */
    Reply ask(String about, Request.Builder request, Reply.WhatCase expected, Duration limit)
            throws InterruptedException {
        Request numbered = request.setId(++lastId).build();
        Reply reply = await(about, pipes.submit(() -> exchange(numbered)), limit);
        if (reply.getId() != numbered.getId()) {
            throw failed(about, "answered request " + reply.getId() + " instead of " + numbered.getId(), null);
        }
        if (reply.getWhatCase() == Reply.WhatCase.FAILURE) {
            String traceback = reply.getFailure().getTraceback().strip();
            String where = traceback.isEmpty() ? "" : "\n" + Figures.shortened(traceback, LONGEST_REPORT);
            throw failed(
                    about,
                    "reported: " + Figures.shortened(reply.getFailure().getMessage(), LONGEST_REPORT) + where,
                    null);
        }
        if (reply.getWhatCase() != expected) {
            throw failed(about, "answered " + reply.getWhatCase() + " instead of " + expected, null);
        }
        return reply;
    }

    private Reply exchange(Request request) throws IOException {
        request.writeDelimitedTo(process.getOutputStream());
        process.getOutputStream().flush();
        return replies.next();
    }

    private Reply await(String about, Future<Reply> answer, Duration limit) throws InterruptedException {
        long start = System.nanoTime();
        boolean ended = false;
        while (true) {
            long wait = LOOK_MILLIS;
            if (limit != null) {
                wait = Math.min(
                        wait, limit.minusNanos(System.nanoTime() - start).toMillis());
            }
            try {
                return answer.get(Math.max(wait, 1), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (limit != null && System.nanoTime() - start >= limit.toNanos()) {
                    throw failed(about, "took longer than " + limit.toMillis() / 1e3 + " s and was killed", e);
                }
                if (ended) {
                    throw failed(about, silentEnd(), e);
                }
                ended = !process.isAlive();
            } catch (ExecutionException e) {
                throw failed(about, describe(e.getCause()), e.getCause());
            } catch (CancellationException e) {
                throw failed(about, "was killed", e);
            } catch (InterruptedException e) {
                kill();
                throw e;
            }
        }
    }

    private String describe(Throwable cause) {
        if (cause instanceof Frames.MalformedFrameException malformed) {
            return malformed.getMessage();
        }
        boolean exited = exitWithin(Duration.ofSeconds(1));
        if (!exited && cause instanceof EOFException) {
            return "did not answer: " + cause.getMessage() + ", but kept running";
        }
        return exited ? silentEnd() : "cannot be reached: " + cause;
    }

    private String silentEnd() {
        int code = process.exitValue();
        String how = code > 128 ? "was killed by signal " + (code - 128) : "ended with exit code " + code;
        return how + " before it answered";
    }

    /** Kills the process; returns an exception with the reason and what the worker last wrote to stderr. */
    EvaluationException failed(String about, String what, Throwable cause) throws InterruptedException {
        kill();
        String tail = stderr.afterExit();
        String shown = tail.isEmpty()
                ? "; it wrote nothing to stderr"
                : "\nthe worker's last lines on stderr:\n" + Figures.shortened(tail, LONGEST_REPORT);
        return new EvaluationException(
                cause instanceof TimeoutException ? Reason.TIMED_OUT : Reason.FAILED,
                about + ": the worker " + Figures.shortened(what, 2 * LONGEST_REPORT + MARGIN) + shown,
                Details.of().cause(cause));
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Asks the worker to exit, and kills it if it has not exited within five seconds. Not to be called while a request is in progress. */
    @Override
    public void close() {
        Request last = Request.newBuilder()
                .setId(++lastId)
                .setShutdown(ShutdownRequest.getDefaultInstance())
                .build();
        pipes.submit(() -> {
            try (var stdin = process.getOutputStream()) {
                last.writeDelimitedTo(stdin);
            }
            return null;
        });
        exitWithin(SHUTDOWN_LIMIT);
        kill();
    }

    /** Kills the process and all that it has started. */
    void kill() {
        tree.kill();
        ended.getAndSet(() -> {}).run();
        // Without waiting: a child of the worker may hold the other end of a pipe.
        pipes.interrupt();
    }

    private boolean exitWithin(Duration limit) {
        return process.onExit()
                .thenApply(p -> true)
                .completeOnTimeout(false, limit.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }
}
