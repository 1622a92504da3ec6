package dev.stockpot.engine.write;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a model directory holds besides its weights, by paths inside it.
 *
 * @param folders the folders in it, each after the one that it is in
 * @param copies files that are copied
 * @param texts small files that are written; each may replace a copy
 */
record DirectoryContents(List<String> folders, Map<String, Path> copies, Map<String, byte[]> texts) {
    /** Nothing, as of a file. */
    static final DirectoryContents NONE = new DirectoryContents(List.of(), Map.of(), Map.of());
}
