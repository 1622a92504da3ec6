package dev.stockpot.report;

import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** The files embedded in the page: its style, its script, and the plotting library. */
final class PageResource {
    /** META-INF is not a package, so this is found on the module path too. */
    private static final String CHART = "/META-INF/resources/webjars/chart.js/4.4.4/dist/chart.umd.js";

    private PageResource() {}

    static String style() {
        return read("page.css");
    }

    static String script() {
        return inline(read("page.js"));
    }

    /**
     * The plotting library, without the pointer to its source map, which a browser would request.
     *
     * @throws SoupException if its jar is missing
     */
    static String chart() {
        return inline(read(CHART).replaceAll("(?m)^//# sourceMappingURL=.*$", ""));
    }

    /** The source expression by which a content security policy allows exactly this script. */
    static String hash(String script) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
            return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Escapes strings in the script that would end the script element. */
    private static String inline(String script) {
        return script.replace("</script", "<\\/script").replace("\r\n", "\n");
    }

    private static String read(String name) {
        try (InputStream in = PageResource.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new SoupException(
                        Reason.NOT_INSTALLED,
                        "a report needs " + name + ", which is not on the class path",
                        Details.of().hint("add the artifact org.webjars.npm:chart.js:4.4.4"));
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
