package dev.stockpot.cli.help;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.IHelpSectionRenderer;
import picocli.CommandLine.Model.OptionSpec;

/** A command's help for a terminal: {@code --help} prints it. */
public final class HelpPage {
    /** Where what is said of an option begins, and the width below which it goes under the option's name instead. */
    private static final int COLUMN = 26;

    private static final int NARROW = 64;

    private final int width;

    /** @param width of its lines, in characters */
    public HelpPage(int width) {
        this.width = width;
    }

    /** Makes a command and its subcommands print their help like this, as wide as the terminal. */
    public static void of(CommandLine line) {
        line.setHelpSectionKeys(List.of("page"));
        line.setHelpSectionMap(Map.of("page", new OnTerminal()));
    }

    /** A command's page, without a terminal's colours. */
    public String text(CommandPage page) {
        return text(page, Help.Ansi.OFF);
    }

    /** The same, with headings and names in bold where {@code ansi} allows it. */
    String text(CommandPage page, Help.Ansi ansi) {
        List<String> lines = new ArrayList<>();
        lines.addAll(Lines.of("Usage: " + page.usage(), width, "Usage: stockpot ".length()));
        for (String paragraph : page.description()) {
            lines.add("");
            lines.addAll(Lines.of(paragraph, width, 0));
        }
        if (!page.commands().isEmpty()) {
            heading(lines, "Commands", ansi);
            page.commands().forEach((name, does) -> item(lines, name, List.of(does), ansi));
        }
        if (!page.parameters().isEmpty()) {
            lines.add("");
            page.parameters().forEach((name, is) -> item(lines, name, is, ansi));
        }
        page.options().forEach((section, options) -> {
            heading(lines, section.heading(), ansi);
            for (OptionSpec option : options) {
                item(lines, CommandPage.label(option), CommandPage.texts(option), ansi);
            }
        });
        if (!page.examples().isEmpty()) {
            heading(lines, "Examples", ansi);
            for (String example : page.examples()) {
                Lines.ofCommand(example, width - 2).forEach(line -> lines.add("  " + line));
            }
        }
        for (String remark : page.remarks()) {
            lines.add("");
            lines.addAll(Lines.of(remark, width, 0));
        }
        return String.join("\n", lines) + "\n";
    }

    private static void heading(List<String> lines, String heading, Help.Ansi ansi) {
        lines.add("");
        lines.add(bold(heading + ":", ansi));
    }

    /** A name, and what is said of it beside it or below. */
    private void item(List<String> lines, String name, List<String> texts, Help.Ansi ansi) {
        String indentation = " ".repeat(width < NARROW ? 6 : COLUMN);
        List<String> said = new ArrayList<>();
        for (String text : texts) {
            Lines.of(text, width - indentation.length(), 0).forEach(line -> said.add(indentation + line));
        }
        String first = "  " + bold(name, ansi);
        int room = indentation.length() - 2 - name.length();
        if (room >= 2 && !said.isEmpty()) {
            first += " ".repeat(room) + said.remove(0).strip();
        }
        lines.add(first);
        lines.addAll(said);
    }

    private static String bold(String text, Help.Ansi ansi) {
        return ansi.enabled() ? "\u001b[1m" + text + "\u001b[0m" : text;
    }

    /** Whether a terminal shows styles; picocli asks for NO_COLOR and its like, but not for this. */
    static Help.Ansi ansi(Help.Ansi asked, Map<String, String> environment) {
        return "dumb".equals(environment.get("TERM")) ? Help.Ansi.OFF : asked;
    }

    private static final class OnTerminal implements IHelpSectionRenderer {
        @Override
        public String render(Help help) {
            Help.Ansi ansi = ansi(help.ansi(), System.getenv());
            return new HelpPage(ScreenWidth.of()).text(new CommandPage(help.commandSpec()), ansi);
        }
    }
}
