package dev.stockpot;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A Python with PyTorch, for tests of what runs in one. */
public final class TorchPython {
    private TorchPython() {}

    /**
     * Its program: {@code STOCKPOT_PYTHON}, or that of the environment that {@code tools/setup python} makes, or the one on the
     * PATH. The test is skipped if there is no PyTorch in it.
     */
    public static String find() throws IOException, InterruptedException {
        String program = System.getenv("STOCKPOT_PYTHON");
        if (program == null) {
            Path own = Path.of(".venv/bin/python").toAbsolutePath();
            program = Files.isExecutable(own) ? own.toString() : "python3";
        }
        assumeTrue(hasTorch(program), program + " has no PyTorch (tools/setup python installs it)");
        return program;
    }

    private static boolean hasTorch(String program) throws InterruptedException {
        try {
            return new ProcessBuilder(
                                    program,
                                    "-c",
                                    "import importlib.util as u, sys; sys.exit(not u.find_spec('torch'))")
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
