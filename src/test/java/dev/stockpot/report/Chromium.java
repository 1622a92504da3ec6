package dev.stockpot.report;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A headless Chromium for tests. */
final class Chromium {
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");

    private final Path program;
    private final Path profile;

    /** The result of a visit: the browser's final document, and its console messages. */
    record Visit(String document, String console) {}

    private Chromium(Path program, Path profile) {
        this.program = program;
        this.profile = profile;
    }

    /** The Chromium on the PATH; the test is skipped if there is none. */
    static Chromium find(Path profile) {
        Path found = Stream.of(System.getenv("PATH").split(":"))
                .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
        assumeTrue(found != null, "no Chromium is on the PATH (tools/setup tests installs it): pages are not opened");
        return new Chromium(found, profile);
    }

    /** Opens {@code page} in a window of {@code width} pixels, and takes a screenshot. */
    Visit visit(Path page, int width, Path picture) throws IOException, InterruptedException {
        // One process writes either the document or the picture.
        Visit visit = run(page, width, "--dump-dom");
        run(page, width, "--screenshot=" + picture);
        return visit;
    }

    private Visit run(Path page, int width, String what) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                program.toString(),
                "--headless=new",
                // Tests run as root in containers, where the sandbox cannot be set up.
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--hide-scrollbars",
                "--virtual-time-budget=5000",
                "--enable-logging=stderr",
                "--user-data-dir=" + profile,
                "--window-size=" + width + ",3000",
                what,
                page.toUri().toString()));
        Path out = Files.createTempFile(profile.getParent(), "chromium", ".out");
        Path err = Files.createTempFile(profile.getParent(), "chromium", ".err");
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        if (!process.waitFor(120, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException("Chromium did not end: " + Files.readString(err));
        }
        String console = Files.readAllLines(err).stream()
                .filter(line -> line.contains("CONSOLE"))
                .reduce("", (a, b) -> a + b + "\n");
        return new Visit(Files.readString(out), console);
    }
}
