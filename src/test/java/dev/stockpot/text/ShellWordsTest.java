package dev.stockpot.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShellWordsTest {
    /** Bash expands braces with commas or dots between them, which other shells do not. */
    @Test
    void areReadBackByAShellAsTheyWere() throws IOException {
        List<String> words = List.of(
                "stockpot",
                "runs/a b.pt",
                "{checkpoint}",
                "{a,b}.pt",
                "{1..3}",
                "it's",
                "$HOME",
                "*",
                "~",
                "",
                "ünï",
                "#",
                "a=b");
        Process shell = new ProcessBuilder("bash", "-c", "printf '%s\\0' " + ShellWords.join(words)).start();
        String read = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(words, List.of(read.split("\0", -1)).subList(0, words.size()));
        assertEquals(
                "stockpot uniform -o x.pt {checkpoint}",
                ShellWords.join(List.of("stockpot", "uniform", "-o", "x.pt", "{checkpoint}")));
    }
}
