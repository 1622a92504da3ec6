package dev.stockpot.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page as a browser shows it. */
class PageInChromiumTest {
    /** Counts the drawn pixels of each canvas, and measures whether the page is wider than the window. */
    private static final String PROBE = "<script>addEventListener('load', () => setTimeout(() => {"
            + "for (const canvas of document.querySelectorAll('canvas')) {"
            + "const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;"
            + "let ink = 0; for (let i = 3; i < pixels.length; i += 4) { ink += pixels[i] > 0; }"
            + "canvas.dataset.ink = ink; canvas.dataset.wide = Math.round(canvas.getBoundingClientRect().width); }"
            + "document.documentElement.dataset.overflow = document.documentElement.scrollWidth - innerWidth;"
            + "document.documentElement.dataset.policy = document.documentElement.dataset.hacked || 'kept';"
            + "}, 500));</script></body>";

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(ints = {390, 1280})
    void everyPlotIsDrawnWithoutAnError(int width) throws Exception {
        Chromium chromium = Chromium.find(folder.resolve("profile"));
        Path page = ReportFolder.write(folder.resolve("report"), SampleReport.hostile());
        // The page's own policy lets nothing else run, not even the probe.
        String probed = Files.readString(page)
                .replaceFirst("<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "")
                .replace("</body>", PROBE);
        Path copy = Files.writeString(page.resolveSibling("probed.html"), probed);
        Chromium.Visit visit = chromium.visit(copy, width, folder.resolve("probed.png"));
        assertEquals("", visit.console());
        Matcher canvas = Pattern.compile("<canvas [^>]*>").matcher(visit.document());
        int canvases = 0;
        while (canvas.find()) {
            canvases++;
            assertTrue(canvas.group().contains("data-drawn=\"true\""), canvas.group());
            assertTrue(number(canvas.group(), "data-ink") > 500, canvas.group());
            assertTrue(number(canvas.group(), "data-wide") > width / 2, canvas.group());
        }
        assertEquals(SampleReport.PLOTS, canvases);
        assertTrue(number(visit.document(), "data-overflow") <= 0, "the page is wider than " + width + " pixels");
        assertFalse(visit.document().contains("data-hacked"), "a name ran as a script");
    }

    @Test
    void thePageAsItIsSaysNothingOnTheConsoleAndHasColours() throws Exception {
        Chromium chromium = Chromium.find(folder.resolve("profile"));
        Path page = ReportFolder.write(folder.resolve("report"), SampleReport.hostile());
        Path picture = folder.resolve("page.png");
        Chromium.Visit visit = chromium.visit(page, 1280, picture);
        assertEquals("", visit.console());
        assertTrue(visit.document().contains("data-plots=\"" + SampleReport.PLOTS + "\""));
        assertFalse(visit.document().contains("data-hacked"), "a name ran as a script");
        assertTrue(colours(picture) > 50);
    }

    private static int colours(Path picture) throws IOException {
        BufferedImage image = ImageIO.read(picture.toFile());
        assertNotNull(image);
        java.util.Set<Integer> colours = new java.util.HashSet<>();
        for (int y = 0; y < image.getHeight(); y += 3) {
            for (int x = 0; x < image.getWidth(); x += 3) {
                colours.add(image.getRGB(x, y));
            }
        }
        return colours.size();
    }

    private static int number(String text, String attribute) {
        Matcher matcher = Pattern.compile(attribute + "=\"(-?\\d+)\"").matcher(text);
        assertTrue(matcher.find(), attribute + " in " + text.substring(0, Math.min(300, text.length())));
        return Integer.parseInt(matcher.group(1));
    }
}
