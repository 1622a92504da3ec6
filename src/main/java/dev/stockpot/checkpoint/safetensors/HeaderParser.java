package dev.stockpot.checkpoint.safetensors;

import dev.stockpot.tensor.FileSource;
import java.io.IOException;

/** Parses a header: quickly if it is plain, otherwise as general JSON. */
final class HeaderParser {
    private final FileSource file;
    private final byte[] header;
    private final long fileBytes;

    HeaderParser(FileSource file, byte[] header, long fileBytes) {
        this.file = file;
        this.header = header;
        this.fileBytes = fileBytes;
    }

    SafetensorsHeader parse() throws IOException {
        HeaderTensors tensors = tensors();
        return new PlainHeader(header).read(tensors) ? tensors.header() : parseJson();
    }

    /** As {@link #parse}, but always as general JSON. */
    SafetensorsHeader parseJson() throws IOException {
        HeaderTensors tensors = tensors();
        new JsonHeader(file.path(), header, tensors).read();
        return tensors.header();
    }

    private HeaderTensors tensors() {
        return new HeaderTensors(file, SafetensorsHeader.LENGTH_BYTES + header.length, fileBytes);
    }
}
