package dev.stockpot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**  files that they link to exist, and their Java compiles. */
class PagesTest {
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#]+)(?:#[^)]*)?\\)");
    private static final Pattern EXAMPLE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

    /** What the examples take for granted. */
    private static final String GIVEN = """
            import dev.stockpot.*;
            import dev.stockpot.checkpoint.*;
            import dev.stockpot.diagnose.*;
            import dev.stockpot.evaluate.*;
            import dev.stockpot.formula.*;
            import dev.stockpot.merge.*;
            import dev.stockpot.recipe.*;
            import dev.stockpot.run.*;
            import dev.stockpot.soup.*;
            import dev.stockpot.soup.options.*;
            import dev.stockpot.tensor.*;
            import java.nio.file.*;
            import java.util.*;

            class Example {
                List<Path> paths;
                Path out;
                RunListener listener;
                double accuracy(Candidate candidate) { return 0; }
                double measure(Path file) { return 0; }
                void run() throws Exception {
            """;

    @TempDir
    Path folder;

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(Path.of("README.md"), Path.of("CONTRIBUTING.md")));
        for (String parent : List.of("docs", "bench/results")) {
            try (Stream<Path> files = Files.list(Path.of(parent))) {
                files.filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
            }
        }
        return pages;
    }

    @Test
    void everyFileThatAPageLinksToExists() throws IOException {
        int links = 0;
        for (Path page : pages()) {
            Matcher matcher = LINK.matcher(Files.readString(page));
            while (matcher.find()) {
                if (!matcher.group(1).contains("://")) {
                    links++;
                    Path target = page.resolveSibling(matcher.group(1));
                    assertTrue(Files.exists(target), page + " links to " + target);
                }
            }
        }
        assertTrue(links > 50, "found " + links);
    }

    @Test
    void theJavaOfThePagesCompiles() throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        int examples = 0;
        for (Path page : pages()) {
            Matcher matcher = EXAMPLE.matcher(Files.readString(page));
            while (matcher.find()) {
                examples++;
                String source = GIVEN + matcher.group(1) + "    }\n}\n";
                DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
                compiler.getTask(
                                null,
                                null,
                                found,
                                List.of("-proc:none", "-d", folder.toString()),
                                null,
                                List.of(new Source(source)))
                        .call();
                List<Diagnostic<? extends JavaFileObject>> errors = found.getDiagnostics().stream()
                        .filter(d -> d.getKind() == Diagnostic.Kind.ERROR)
                        .toList();
                assertEquals(List.of(), errors, page.toString());
            }
        }
        assertTrue(examples >= 2, "found " + examples);
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String text) {
            super(URI.create("string:///Example.java"), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
