package dev.stockpot.evaluate.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShellSyntaxTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "source env/bin/activate && python3 eval.py {checkpoint} | source",
                "python3 eval.py {checkpoint} && echo done | &&",
                "`python3 eval.py {checkpoint} | tail -n 1` | `|`",
                "python3 eval.py {checkpoint} > log.txt | >",
                "python3 eval.py {checkpoint} 2>/dev/null | 2>/dev/null",
                "python3 eval.py {checkpoint} 2>&1 | 2>&1",
                "python3 eval.py {checkpoint} ; echo 1 | ;",
                "cd project; python3 eval.py {checkpoint} | cd",
                "./prepare.sh; ./eval.sh {checkpoint} | ./prepare.sh;",
                "CUDA_VISIBLE_DEVICES=0 python3 eval.py {checkpoint} | CUDA_VISIBLE_DEVICES=0",
                "python3 eval.py < {checkpoint} | <",
            })
    void whatNeedsAShellIsFound(String line, String word) {
        assertEquals(Optional.of(word), ShellSyntax.first(line));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "python3 eval.py {checkpoint}",
                "sh -c 'source x && python3 eval.py \"$0\" | tail -n 1 > y; echo 1' {checkpoint}",
                "python3 eval.py --filter \"a && b\" --where 'x > 1' {checkpoint}",
                "python3 eval.py --set x=1 --url http://host/?a=1&b=2 {checkpoint}",
                "python3 eval.py a\\ \\&\\&\\ b \\; {checkpoint}",
                "env X=1 python3 eval.py {checkpoint}",
                "'a > b' {checkpoint}"
            })
    void whatNeedsNoneIsLeftAlone(String line) {
        assertEquals(Optional.empty(), ShellSyntax.first(line));
    }

    @Test
    void theLineWithAShellRunsTheSame() {
        String typed = "source a && python3 eval.py --x 'it is' \"{checkpoint}\"";
        String line = ShellSyntax.forShell(typed);
        assertEquals(List.of("bash", "-c", typed), CommandLineWords.split(line));
        assertEquals(Optional.empty(), ShellSyntax.first(line));
    }
}
