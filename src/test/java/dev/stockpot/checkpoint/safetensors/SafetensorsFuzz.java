package dev.stockpot.checkpoint.safetensors;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.fuzz.FuzzTarget;
import dev.stockpot.fuzz.Refusal;
import dev.stockpot.fuzz.WrittenAgain;
import dev.stockpot.tensor.FileSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** A safetensors file; the parser for plain headers and the one for any JSON must agree. */
public final class SafetensorsFuzz implements FuzzTarget {
    private final Path file = FuzzTarget.file(".safetensors");

    @Override
    public void run(byte[] input) throws IOException {
        Files.write(file, input);
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            WrittenAgain.check(checkpoint, file);
        } catch (CheckpointException e) {
            Refusal.check(e, input);
        }
        if (input.length < SafetensorsHeader.LENGTH_BYTES) {
            return;
        }
        long length = ByteBuffer.wrap(input).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (length >= 0 && length <= input.length - SafetensorsHeader.LENGTH_BYTES) {
            int end = SafetensorsHeader.LENGTH_BYTES + (int) length;
            byte[] header = Arrays.copyOfRange(input, SafetensorsHeader.LENGTH_BYTES, end);
            String plain = outcome(new HeaderParser(new FileSource(file), header, input.length), false);
            String json = outcome(new HeaderParser(new FileSource(file), header, input.length), true);
            if (!plain.equals(json)) {
                throw new AssertionError("the parsers differ: " + plain + " but " + json);
            }
        }
    }

    private static String outcome(HeaderParser parser, boolean json) throws IOException {
        try {
            SafetensorsHeader header = json ? parser.parseJson() : parser.parse();
            return header.metadata() + " " + List.copyOf(header.tensors().values());
        } catch (CheckpointException e) {
            return "refused";
        }
    }
}
