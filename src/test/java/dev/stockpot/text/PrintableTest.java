package dev.stockpot.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** What may be shown on a terminal. */
class PrintableTest {
    @Test
    void namesOfAllLanguagesStay() {
        for (String name : new String[] {"", "layer.0.weight", "größe", "层", "😀", "می‌روم", "a\u00A0b"}) {
            assertEquals(name, Printable.of(name));
        }
        assertEquals("", Printable.of(null));
    }

    @Test
    void whatSteersATerminalDoesNot() {
        assertEquals("a?[2J?]0;x?b", Printable.of("a\u001B[2J\u001B]0;x\u0007b"));
        assertEquals("??31m", Printable.of("\u009B\u009D31m"));
        assertEquals("a?b?c??", Printable.of("a\nb\rc\t\u007F"));
        assertEquals("a?b?", Printable.of("a\u2028b\u2029"));
    }

    @Test
    void whatTurnsWritingAroundDoesNot() {
        assertEquals("evil?gnp.exe", Printable.of("evil\u202Egnp.exe"));
        assertEquals("?a?b?", Printable.of("\u2066a\u200Fb\u061C"));
    }

    @Test
    void unpairedSurrogatesDoNot() {
        assertEquals("a?b?", Printable.of("a\uD800b\uDFFF"));
    }

    @Test
    void aQuotedNameIsOneShortLine() {
        assertEquals("größe😀", Printable.name("größe😀"));
        assertEquals("a\\nb\\rc\\t\\u001b[2J\\u202e", Printable.name("a\nb\rc\t\u001B[2J\u202E"));
        assertEquals("x".repeat(49) + "…" + "y".repeat(49), Printable.name("x".repeat(5000) + "y".repeat(5000)));
        assertEquals("z".repeat(100), Printable.name("z".repeat(100)));
    }
}
