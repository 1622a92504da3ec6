package dev.stockpot.engine.write;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.Part;
import dev.stockpot.checkpoint.file.CheckpointLayout;
import dev.stockpot.checkpoint.file.FileLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OutputShardsTest {
    private static OutputShards shards(int count) {
        List<FileLayout> files = IntStream.range(0, count)
                .mapToObj(k -> new FileLayout("shard " + k, new byte[8], List.of(), 8, null))
                .toList();
        return new OutputShards(new CheckpointLayout("safetensors", files, Map.of("index", new byte[1])), Map.of());
    }

    @Test
    void eachFileIsInOnePartAndPartsDifferByOneFileAtMost() {
        for (int count = 0; count <= 20; count++) {
            OutputShards whole = shards(count);
            for (int of = 1; of <= 25; of++) {
                List<FileLayout> all = new ArrayList<>();
                for (int number = 1; number <= of; number++) {
                    CheckpointLayout part = whole.part(new Part(number, of)).layout();
                    int files = part.files().size();
                    assertTrue(files == count / of || files == (count + of - 1) / of, number + "/" + of + ": " + files);
                    assertEquals(number == 1, part.sideFiles().containsKey("index"));
                    all.addAll(part.files());
                }
                assertEquals(whole.layout().files(), all);
            }
        }
    }
}
