package dev.stockpot.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Tests what files are called in recipes: as short as tells them apart, and the same again. */
class PathNamesTest {
    private static List<String> names(String... paths) {
        return PathNames.of(Stream.of(paths).map(Path::of).toList());
    }

    @Test
    void theEndsThatTellThemApart() {
        assertEquals(List.of("a.pt", "b.pt"), names("/x/a.pt", "/x/b.pt"));
        assertEquals(List.of("x/a.pt", "y/a.pt", "b.pt"), names("/w/x/a.pt", "/w/y/a.pt", "/w/x/b.pt"));
        assertEquals(List.of("1/x/a.pt", "2/x/a.pt"), names("/1/x/a.pt", "/2/x/a.pt"));
        assertEquals(List.of("run/model.safetensors"), names("/w/run/model.safetensors"));
        assertEquals(List.of("a.pt", "a.pt"), names("/w/a.pt", "/w/x/../a.pt"));
        assertEquals(List.of("x/a", "a"), names("/x/a", "/a"));
        assertEquals(List.of("/"), names("/"));
    }

    @Test
    void namesOfNamesAreThemselves() {
        List<String> names = names("/w/x/a.pt", "/w/y/a.pt", "/w/model.bin", "/w/x/b.pt");
        assertEquals(names, names(names.toArray(String[]::new)));
    }
}
