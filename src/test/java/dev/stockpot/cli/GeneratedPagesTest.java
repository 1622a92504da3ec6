package dev.stockpot.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.cli.TestCommands.Result;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the command writes about itself: completion, man pages, the reference. */
class GeneratedPagesTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gree | greedy",
                "generate-r | ''",
                "uniform --io '' | auto mmap read direct",
                "uniform --dtype B | BF16",
                "uniform --allow non | non-finite",
                "greedy --order '' | score given",
                "greedy --fallback '' | uniform",
                "merge --method s | slerp sce",
                "diagnose --candidate-format '' | safetensors pt dir like",
                "learned --granularity l | layer",
                "inspect --check | --checksums"
            })
    void completionKnowsValues(String typed, String offered) throws Exception {
        Result script = TestCommands.run(List.of("generate-completion"));
        assertEquals(0, script.exit(), script.err());
        Path file = Files.writeString(folder.resolve("completion.sh"), script.out());
        String words =
                "source " + file + "; COMP_WORDS=(stockpot " + typed + "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1));"
                        + " compopt() { :; }; COMPREPLY=(); _complete_stockpot; echo \"${COMPREPLY[*]}\"";
        Process bash = new ProcessBuilder("bash", "-c", words)
                .redirectErrorStream(true)
                .start();
        String printed = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(offered, printed.strip());
    }

    @Test
    void aManPageForEveryVisibleCommand() throws IOException {
        Path man = folder.resolve("share/man1");
        Result result = TestCommands.run(List.of("generate-man", man.toString()));
        assertEquals(0, result.exit(), result.err());
        try (Stream<Path> files = Files.list(man)) {
            List<String> names =
                    files.map(file -> file.getFileName().toString()).sorted().toList();
            assertTrue(
                    names.containsAll(List.of("stockpot.1", "stockpot-greedy.1", "stockpot-merge.1")),
                    names.toString());
            assertTrue(names.stream().noneMatch(name -> name.contains("cuda-check")), names.toString());
        }
        Result refused = TestCommands.run(List.of("generate-man", "pom.xml"));
        assertEquals(1, refused.exit());
        assertTrue(refused.err().startsWith("error: pom.xml: "), refused.err());
        assertEquals(1, refused.err().lines().count(), refused.err());
    }

    @Test
    void theReferenceIsWhatHelpSays() throws IOException {
        assertEquals(
                TestCommands.run(List.of("generate-reference")).out(),
                Files.readString(Path.of("docs/commands.md")),
                "docs/commands.md is not up to date: tools/stockpot generate-reference > docs/commands.md");
    }
}
