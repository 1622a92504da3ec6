package dev.stockpot.cli;

import dev.stockpot.cli.options.CommonOptions;
import dev.stockpot.engine.Engine;
import dev.stockpot.kernel.cuda.CudaCheck;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code stockpot cuda-check}: what tools/cuda-check runs. */
@Command(
        name = "cuda-check",
        hidden = true,
        description = "Test a GPU: whether its bits are right, and how fast it is compared with its own copies.")
final class CudaCheckCommand implements Callable<Integer> {
    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() {
        CudaCheck check = new CudaCheck(Engine.cuda(common.silentRun()), line -> {
            common.out().println(line);
            common.out().flush();
        });
        return check.run() == 0 ? 0 : 1;
    }
}
