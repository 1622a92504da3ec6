package dev.stockpot.evaluate.worker;

import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.evaluate.command.JobNumbers;
import dev.stockpot.evaluate.worker.WorkerProtocol.HelloReply;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;

/** The processes of one command line: started when they are needed, kept for the next request, replaced after a failure. */
final class WorkerPool implements AutoCloseable {
    /** Loading imports, models and data takes minutes from a cold disk; a worker that is not ready by then hangs. */
    private static final Duration READY_LIMIT = Duration.ofMinutes(10);

    private final List<String> words;
    private final EvaluatorOptions options;
    private final Duration readyLimit;
    private final Semaphore jobs;
    private final JobNumbers numbers = new JobNumbers();
    private final ConcurrentLinkedDeque<WorkerProcess> idle = new ConcurrentLinkedDeque<>();
    private final Set<WorkerProcess> busy = ConcurrentHashMap.newKeySet();
    private HelloReply hello;
    private volatile boolean closed;

    private WorkerPool(List<String> words, EvaluatorOptions options, Duration readyLimit) {
        this.words = words;
        this.options = options;
        this.readyLimit = readyLimit;
        this.jobs = new Semaphore(options.jobs());
    }

    /** Starts the first process, which is idle then. */
    static WorkerPool open(String commandLine, List<String> words, EvaluatorOptions options)
            throws InterruptedException {
        Duration limit = options.timeout()
                .filter(timeout -> timeout.compareTo(READY_LIMIT) > 0)
                .orElse(READY_LIMIT);
        return open(commandLine, words, options, limit);
    }

    static WorkerPool open(String commandLine, List<String> words, EvaluatorOptions options, Duration readyLimit)
            throws InterruptedException {
        WorkerPool pool = new WorkerPool(List.copyOf(words), options, readyLimit);
        WorkerProcess first = WorkerProcess.start(commandLine, pool.words, options.output(), pool.numbers);
        pool.hello = first.hello(commandLine, readyLimit);
        pool.idle.add(first);
        return pool;
    }

    /** The first process's answer to hello. */
    HelloReply hello() {
        return hello;
    }

    /** Work to do with a process. */
    interface Use<T> {
        T with(WorkerProcess worker) throws InterruptedException;
    }

    /**
     * Runs {@code use} with a process of its own, once fewer processes are at work than there are jobs.
     *
     * @param about starts the message of an error: the candidate's name
     */
    <T> T use(String about, Use<T> use) throws InterruptedException {
        jobs.acquire();
        try {
            WorkerProcess worker = take(about);
            boolean done = false;
            try {
                T result = use.with(worker);
                done = true;
                return result;
            } finally {
                busy.remove(worker);
                if (done && !closed) {
                    idle.push(worker);
                } else {
                    worker.kill();
                }
            }
        } finally {
            jobs.release();
        }
    }

    private WorkerProcess take(String about) throws InterruptedException {
        WorkerProcess waiting = idle.poll();
        if (waiting != null) {
            return working(waiting);
        }
        WorkerProcess started = working(WorkerProcess.start(about, words, options.output(), numbers));
        try {
            HelloReply answer = started.hello(about, readyLimit);
            if (!answer.equals(hello)) {
                throw started.failed(about, "describes itself differently from the first process: " + answer, null);
            }
            return started;
        } catch (RuntimeException | InterruptedException e) {
            busy.remove(started);
            started.kill();
            throw e;
        }
    }

    /** Notes that a process is at work, so that closing kills it, also if that has begun meanwhile. */
    private WorkerProcess working(WorkerProcess worker) {
        busy.add(worker);
        if (closed) {
            busy.remove(worker);
            worker.kill();
            throw new IllegalStateException("the evaluator is closed");
        }
        return worker;
    }

    /** Ends all processes: asks idle ones to exit, kills those at work. */
    @Override
    public void close() {
        closed = true;
        busy.forEach(WorkerProcess::kill);
        for (WorkerProcess worker = idle.poll(); worker != null; worker = idle.poll()) {
            worker.close();
        }
    }
}
