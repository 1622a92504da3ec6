package dev.stockpot.cli.help;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.cli.TestCommands;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Help as it is printed: whole words in the terminal's width, options where one looks for them, examples to paste. */
class HelpPageTest {
    private static final CommandSpec ALL = TestCommands.all();

    private static CommandPage page(String command) {
        return new CommandPage(ALL.subcommands().get(command).getCommandSpec());
    }

    @ParameterizedTest
    @ValueSource(ints = {40, 63, 64, 80, 120})
    void linesFitTheTerminal(int width) {
        for (CommandPage page : CommandPage.all(ALL)) {
            for (String line : new HelpPage(width).text(page).split("\n")) {
                // An option stays with its value, which is one word to the shell if it is in quotes.
                boolean whole = line.strip().matches("(--?[a-z-]+ )?(\\S+|'[^']*')( \\\\)?");
                assertTrue(line.length() <= width || whole, page.name() + ": " + line);
                assertEquals(line.stripTrailing(), line);
            }
        }
    }

    @Test
    void anExampleIsTheSameCommandAtEveryWidth() throws Exception {
        for (CommandPage page : CommandPage.all(ALL)) {
            List<String> commands = pasted(page, 400);
            assertEquals(page.examples().size(), commands.size(), page.name());
            for (int width : new int[] {40, 80, 120}) {
                assertEquals(commands, pasted(page, width), page.name());
            }
            for (String command : commands) {
                TestCommands.parse(List.of(command.split("\u0001")));
            }
        }
    }

    /** What a shell makes of a page's examples. */
    private static List<String> pasted(CommandPage page, int width) throws IOException, InterruptedException {
        String text = new HelpPage(width).text(page);
        StringBuilder script = new StringBuilder("set -f; stockpot() { printf '%s\\1' \"$@\"; echo; }\n");
        boolean example = false;
        for (String line : text.split("\n")) {
            example = line.equals("Examples:") || (example && line.startsWith("  "));
            script.append(example && line.startsWith(" ") ? line + "\n" : "");
        }
        Process bash = new ProcessBuilder(
                        "bash",
                        "-c",
                        script.toString().replace("*.safetensors", "{1,2}.pt").replaceAll("> (\\\\\n *)?\\S+", ""))
                .redirectErrorStream(true)
                .start();
        String printed = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, bash.waitFor(), printed);
        return printed.isEmpty() ? List.of() : List.of(printed.split("\n"));
    }

    @Test
    void everyOptionOfAHeadingExists() {
        List<String> known = new ArrayList<>();
        for (CommandSpec command : commands()) {
            for (OptionSpec option : command.options()) {
                known.add(option.longestName());
                known.add(command.name() + " " + option.longestName());
            }
        }
        for (OptionSection section : OptionSection.values()) {
            for (String option : section.options()) {
                assertTrue(known.contains(option), section + ": " + option);
            }
        }
    }

    @Test
    void everyOptionIsTold() {
        for (CommandSpec command : commands()) {
            String text = new HelpPage(120).text(new CommandPage(command));
            for (OptionSpec option : command.options()) {
                assertTrue(text.contains("\n  " + CommandPage.label(option)), command.name() + option);
            }
            assertFalse(text.contains("${"), text);
        }
    }

    private static List<CommandSpec> commands() {
        List<CommandSpec> commands = new ArrayList<>(List.of(ALL));
        ALL.subcommands().values().forEach(command -> commands.add(command.getCommandSpec()));
        return commands;
    }

    @Test
    void optionsStandUnderHeadings() {
        String text = new HelpPage(80).text(page("greedy"));
        List<String> headings =
                text.lines().filter(line -> line.matches("[A-Z][a-z]+:")).toList();
        assertEquals(
                List.of("Input:", "Output:", "Evaluator:", "Search:", "Report:", "Machine:", "Messages:", "Examples:"),
                headings);
        assertTrue(text.indexOf("Evaluator:") < text.indexOf("\n  --evaluator SPEC"), text);
        assertTrue(text.indexOf("\n  --evaluator SPEC") < text.indexOf("Search:"), text);
        assertTrue(text.startsWith("Usage: stockpot greedy [OPTIONS] -o OUT --evaluator SPEC INGREDIENT...\n"), text);
        // The same name, and another thing.
        assertTrue(new HelpPage(80).text(page("bench")).contains("Options:\n  --like MODEL"));
    }

    @Test
    void onlyHeadingsAndNamesAreBold() {
        String plain = new HelpPage(80).text(page("compare"));
        String styled = new HelpPage(80).text(page("compare"), Help.Ansi.ON);
        assertTrue(styled.contains("\u001b[1mInput:\u001b[0m\n  \u001b[1m--key KEY\u001b[0m   "), styled);
        assertEquals(plain, styled.replaceAll("\u001b\\[[01]m", ""));
        assertEquals(Help.Ansi.OFF, HelpPage.ansi(Help.Ansi.ON, Map.of("TERM", "dumb")));
        assertEquals(Help.Ansi.ON, HelpPage.ansi(Help.Ansi.ON, Map.of("TERM", "xterm")));
    }

    @ParameterizedTest
    @CsvSource({"10, 40", "40, 40", "100, 100", "500, 120", "wide, 80", "0, 80", "'', 80"})
    void columnsSayTheWidthWithinLimits(String columns, int width) {
        assertEquals(width, ScreenWidth.of(Map.of("COLUMNS", columns), false));
    }

    @Test
    void withoutATerminalHelpHas80Columns() {
        assertEquals(80, ScreenWidth.of(Map.of(), false));
    }
}
