package dev.stockpot.system;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Worker threads, above all those that an executor lends. */
@Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WorkersTest {
    private final ExecutorService pool = Executors.newFixedThreadPool(2);

    @AfterEach
    void endsThePool() {
        pool.shutdownNow();
    }

    private Workers lent(Executor executor) {
        return new Workers(Optional.of(executor));
    }

    @Test
    void aSmallPoolDoesTheWork() throws Exception {
        AtomicInteger left = new AtomicInteger(1000);
        lent(pool).run(8, () -> {
            while (left.getAndDecrement() > 0) {
                Thread.onSpinWait();
            }
        });
        assertTrue(left.get() <= 0);
    }

    @Test
    void theCallersOwnThreadMayDoTheWork() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        lent(Runnable::run).run(4, runs::incrementAndGet);
        assertEquals(1, runs.get(), "threads that start after the first has ended have nothing to do");
    }

    @Test
    void theFirstFailureIsThrownAndStopsTheOthers() {
        IOException failure = new IOException("full");
        for (Workers workers : new Workers[] {new Workers(), lent(pool)}) {
            AtomicInteger started = new AtomicInteger();
            IOException thrown = assertThrows(
                    IOException.class,
                    () -> workers.run(2, () -> {
                        if (started.getAndIncrement() == 0) {
                            throw failure;
                        }
                        while (!workers.stopped()) {
                            Thread.onSpinWait();
                        }
                    }));
            assertSame(failure, thrown);
        }
    }

    /** A pool that is shut down interrupts the threads at work and drops those that wait. */
    @Test
    void aPoolThatIsShutDownInterruptsTheRun() {
        Workers workers = lent(pool);
        assertThrows(
                InterruptedException.class,
                () -> workers.run(8, () -> {
                    pool.shutdownNow();
                    Thread.sleep(60_000);
                }));
    }

    /** Reading a channel on an interrupted thread fails by some exception of the channel. */
    @Test
    void whatFailsOnAnInterruptedThreadIsAnInterruption() {
        Workers workers = lent(pool);
        assertThrows(
                InterruptedException.class,
                () -> workers.run(2, () -> {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException("the channel is closed");
                }));
    }

    private CountDownLatch occupyThePool() throws InterruptedException {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch busy = new CountDownLatch(2);
        for (int t = 0; t < 2; t++) {
            pool.execute(() -> {
                busy.countDown();
                boolean released = false;
                while (!released) {
                    try {
                        release.await();
                        released = true;
                    } catch (InterruptedException e) {
                        // Ends only when it is released.
                        Thread.onSpinWait();
                    }
                }
            });
        }
        busy.await();
        return release;
    }

    @Test
    void aRunThatHasNotStartedCanBeInterrupted() throws Exception {
        CountDownLatch release = occupyThePool();
        try {
            Thread caller = Thread.currentThread();
            Thread interrupter = new Thread(() -> {
                while (caller.getState() != Thread.State.TIMED_WAITING) {
                    Thread.onSpinWait();
                }
                caller.interrupt();
            });
            interrupter.start();
            AtomicInteger runs = new AtomicInteger();
            assertThrows(InterruptedException.class, () -> lent(pool).run(2, runs::incrementAndGet));
            interrupter.join();
            release.countDown();
            pool.shutdown();
            assertTrue(pool.awaitTermination(1, TimeUnit.MINUTES));
            assertEquals(0, runs.get(), "nothing runs after the run has ended");
        } finally {
            release.countDown();
        }
    }

    @Test
    void aPoolThatEndsWithoutAnyThreadIsRefused() throws Exception {
        CountDownLatch release = occupyThePool();
        Thread ender = new Thread(() -> {
            pool.shutdownNow();
            release.countDown();
        });
        Executor ending = new EndingPool(pool, ender);
        assertThrows(RejectedExecutionException.class, () -> lent(ending).run(1, () -> {}));
        ender.join();
    }

    /** A pool that is shut down as soon as it has accepted its first task. */
    private static final class EndingPool extends AbstractExecutorService {
        private final ExecutorService pool;
        private final Thread ender;

        EndingPool(ExecutorService pool, Thread ender) {
            this.pool = pool;
            this.ender = ender;
        }

        @Override
        public void execute(Runnable task) {
            pool.execute(task);
            ender.start();
        }

        @Override
        public void shutdown() {
            pool.shutdown();
        }

        @Override
        public List<Runnable> shutdownNow() {
            return pool.shutdownNow();
        }

        @Override
        public boolean isShutdown() {
            return pool.isShutdown();
        }

        @Override
        public boolean isTerminated() {
            return pool.isTerminated();
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
            return pool.awaitTermination(timeout, unit);
        }
    }

    @Test
    void anExecutorThatTakesNothingIsRefused() {
        Executor full = task -> {
            throw new RejectedExecutionException("full");
        };
        assertThrows(RejectedExecutionException.class, () -> lent(full).run(2, () -> {}));
        AtomicInteger accepted = new AtomicInteger();
        Executor almostFull = task -> {
            if (accepted.getAndIncrement() > 0) {
                throw new RejectedExecutionException("full");
            }
            pool.execute(task);
        };
        AtomicInteger runs = new AtomicInteger();
        assertDoesNotThrow(() -> lent(almostFull).run(2, runs::incrementAndGet));
        assertEquals(1, runs.get());
    }
}
