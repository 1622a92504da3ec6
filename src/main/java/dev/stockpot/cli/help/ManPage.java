package dev.stockpot.cli.help;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.OptionSpec;

/** A command's page in the man format of troff, section 1. It holds no date: the same command gives the same page. */
public final class ManPage {
    private final CommandPage page;
    private final String version;
    private final List<String> lines = new ArrayList<>();

    /** @param version of the command, for the page's foot */
    public ManPage(CommandPage page, String version) {
        this.page = page;
        this.version = version;
    }

    /** The page's name, under which man finds it. */
    public String name() {
        return page.name().replace(' ', '-');
    }

    /** The page as troff reads it. */
    public String text() {
        lines.clear();
        lines.add(".TH " + String.join(" ", quoted(name().toUpperCase(Locale.ROOT)), "1", "\"\"", quoted(version)));
        lines.addAll(List.of(".ad l", ".nh"));
        section("Name", List.of(name() + " - " + page.description().get(0)));
        section("Synopsis", List.of(page.usage()));
        section("Description", page.description());
        page.parameters().forEach(this::item);
        if (!page.commands().isEmpty()) {
            section("Commands", List.of());
            page.commands().forEach((name, does) -> item(name, List.of(does)));
        }
        page.options().forEach((section, options) -> {
            section(section.heading(), List.of());
            for (OptionSpec option : options) {
                item(CommandPage.label(option), CommandPage.texts(option));
            }
        });
        if (!page.examples().isEmpty()) {
            section("Examples", List.of());
            lines.add(".nf");
            for (String example : page.examples()) {
                Lines.ofCommand(example, 72).forEach(line -> lines.add(escaped(line)));
            }
            lines.add(".fi");
        }
        if (!page.remarks().isEmpty()) {
            section("Notes", page.remarks());
        }
        return String.join("\n", lines) + "\n";
    }

    private void section(String heading, List<String> paragraphs) {
        lines.add(".SH " + quoted(heading.toUpperCase(Locale.ROOT)));
        for (String paragraph : paragraphs) {
            if (paragraph != paragraphs.get(0)) {
                lines.add(".PP");
            }
            lines.add(escaped(paragraph));
        }
    }

    private void item(String name, List<String> texts) {
        lines.add(".TP");
        lines.add("\\fB" + escaped(name) + "\\fR");
        for (String text : texts) {
            if (text != texts.get(0)) {
                lines.add(".br");
            }
            lines.add(escaped(text));
        }
    }

    private static String quoted(String word) {
        return '"' + escaped(word) + '"';
    }

    /** Text that troff prints as it is: hyphens that can be pasted, no requests at the start of a line. */
    private static String escaped(String text) {
        String plain = text.replace("\\", "\\e")
                .replace("-", "\\-")
                .replace("'", "\\(aq")
                .replace("\"", "\\(dq")
                .replace("^", "\\(ha")
                .replace("~", "\\(ti")
                .replace("`", "\\(ga");
        return plain.startsWith(".") ? "\\&" + plain : plain;
    }
}
