package dev.stockpot.report;

import java.util.Locale;

/** The style of the SVG drawings, light and dark; each contains it, so that it is self-contained. */
final class SvgStyle {
    /** Colours for series, distinguishable by colour-blind readers too (the first six by Okabe and Ito). */
    static final int COLOURS = 9;

    private static final String STYLE = "<style>.grid{stroke:#88888844}.t{fill:#333;font:13px system-ui,sans-serif}"
            + ".l{fill:none;stroke-width:2}.f{stroke:none}.c{font-size:11px}"
            + ".s0{fill:#1f83c8;stroke:#1f83c8}.s1{fill:#d55e00;stroke:#d55e00}.s2{fill:#009e73;stroke:#009e73}"
            + ".s3{fill:#cc79a7;stroke:#cc79a7}.s4{fill:#e69f00;stroke:#e69f00}.s5{fill:#56b4e9;stroke:#56b4e9}"
            + ".s6{fill:#8c6d46;stroke:#8c6d46}.s7{fill:#7b5ea7;stroke:#7b5ea7}.s8{fill:#848484;stroke:#848484}"
            + ".l{fill:none}.f{stroke:none}"
            + "@media(prefers-color-scheme:dark){.t{fill:#ddd}}"
            + "@media print{.t{fill:#333}}</style>";

    private SvgStyle() {}

    /** The beginning of a drawing; it scales with its container. */
    static String open(int width, int height, String title) {
        return String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\">%n<title>%s</title>%s%n",
                width,
                height,
                Markup.escape(title),
                STYLE);
    }
}
