package dev.stockpot.cli.help;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.stockpot.cli.TestCommands;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Man pages as groff shows them. */
class ManPageTest {
    @TempDir
    Path folder;

    @Test
    void groffPrintsThemWithoutAWarning() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/groff")), "groff is not installed");
        for (CommandPage page : CommandPage.all(TestCommands.all())) {
            ManPage man = new ManPage(page, "stockpot 1");
            String shown = shown(man);
            assertTrue(shown.contains(man.name().toUpperCase(Locale.ROOT) + "(1)"), shown);
            assertTrue(shown.replaceAll("\\s+", " ").contains(page.usage()), shown);
            for (List<OptionSpec> options : page.options().values()) {
                for (OptionSpec option : options) {
                    assertTrue(shown.contains(CommandPage.label(option)), shown);
                }
            }
            for (String example : page.examples()) {
                for (String line : Lines.ofCommand(example, 72)) {
                    assertTrue(shown.contains(line), shown);
                }
            }
        }
    }

    private String shown(ManPage man) throws IOException, InterruptedException {
        Path file = Files.writeString(folder.resolve(man.name() + ".1"), man.text());
        Path warnings = folder.resolve("warnings.txt");
        // Without backspaces and escapes for bold text.
        Process groff = new ProcessBuilder("groff", "-man", "-ww", "-Tascii", "-P-cbou", file.toString())
                .redirectError(warnings.toFile())
                .start();
        String text = new String(groff.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertEquals(0, groff.waitFor());
        assertEquals("", Files.readString(warnings));
        return text;
    }

    @Test
    void whatTroffTakesForItsOwnIsEscaped() {
        CommandSpec spec = CommandSpec.create().name("x");
        spec.usageMessage().description(".rm it's -5 \\ \"a\" ~b^c`");
        String text = new ManPage(new CommandPage(spec), "x 1").text();
        assertTrue(text.contains("\n\\&.rm it\\(aqs \\-5 \\e \\(dqa\\(dq \\(tib\\(hac\\(ga\n"), text);
    }
}
