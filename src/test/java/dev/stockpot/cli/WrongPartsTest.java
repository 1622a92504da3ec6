package dev.stockpot.cli;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Parts that are missing, cut short, or do not belong together make no model. */
class WrongPartsTest extends Parts {
    @Test
    void oneThatIsMissingIsNamedAndTheOthersStay() throws Exception {
        done("uniform -o out --part 2/4" + SHARDS + " m0 m1");
        String several = error("index out");
        assertTrue(several.contains("out.parts: lacks part 1/4, 3/4, 4/4"), several);
        assertTrue(several.contains("hint: run the same command with --part 1/4, then stockpot index again"), several);
        for (int part : new int[] {1, 4}) {
            done("uniform -o out --part " + part + "/4" + SHARDS + " m0 m1");
        }
        assertTrue(error("index out").contains("lacks part 3/4\n"));
        assertFalse(Files.exists(folder.resolve("out")));
        done("uniform -o out --part 3/4" + SHARDS + " m0 m1");
        done("index out");
        done("uniform -o whole" + SHARDS + " m0 m1");
        assertSame("whole", "out");
        assertTrue(error("index out").contains("has no parts to join: there is no out.parts beside it"));
    }

    @Test
    void oneThatRanTwiceIsRefusedUnlessItIsToBeReplaced() throws Exception {
        done("uniform -o out --part 1/2" + SHARDS + " m0 m1");
        Map<String, byte[]> before = content("out.parts");
        String twice = error("uniform -o out --part 1/2" + SHARDS + " m0 m1");
        assertTrue(
                twice.contains("part-1-of-2: exists already: part 1/2 is written\nhint: --force replaces it"), twice);
        done("uniform -o out --force --part 1/2" + SHARDS + " m0 m1");
        assertEquals(before.keySet(), content("out.parts").keySet());
        done("uniform -o out --part 2/2" + SHARDS + " m0 m1");
        done("index out");
        String late = error("uniform -o out --part 1/2" + SHARDS + " m0 m1");
        assertTrue(late.contains("out: exists already"), late);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "uniform -o out m0 m2 --max-shard-size 20KB",
                "uniform -o out m0 m1 --max-shard-size 30KB",
                "uniform -o out m1 m0 --max-shard-size 20KB",
                "uniform -o out m0 m1 --max-shard-size 20KB --weights 1,2",
                "uniform -o out m0 m1 --max-shard-size 20KB --dtype BF16"
            })
    void oneOfAnotherRecipeIsNamed(String other) throws Exception {
        done("uniform -o out --part 1/2" + SHARDS + " m0 m1");
        done(other + " --part 2/2");
        String error = error("index out");
        assertTrue(error.contains("part-2-of-2: is of another output than part 1: another recipe"), error);
        done("uniform -o out --force --part 2/2" + SHARDS + " m0 m1");
        done("index out");
    }

    /** The file has the name, the length, the header and the time that it had. */
    @Test
    void oneOfAnIngredientThatWasTrainedFurtherIsNamed() throws Exception {
        done("uniform -o out --part 1/2" + SHARDS + " m0 m1");
        Path weights = folder.resolve("m1/model.safetensors");
        var time = Files.getLastModifiedTime(weights);
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 1] ^= 1;
        Files.write(weights, bytes);
        Files.setLastModifiedTime(weights, time);
        done("uniform -o out --part 2/2" + SHARDS + " m0 m1");
        assertTrue(error("index out").contains("other ingredients"));
    }

    @Test
    void theSameIngredientsElsewhereAreTheSame() throws Exception {
        done("uniform -o out --part 1/2" + SHARDS + " m0 m1");
        Path copy = Files.createDirectory(folder.resolve("copies"));
        for (String model : List.of("m0", "m1")) {
            Files.move(folder.resolve(model), copy.resolve(model));
        }
        assertEquals(
                0,
                TestCommands.run(List.of(
                                "uniform",
                                "-o",
                                path("out"),
                                "--max-shard-size",
                                "20KB",
                                "--part",
                                "2/2",
                                copy.resolve("m0").toString(),
                                copy.resolve("m1").toString()))
                        .exit());
        done("index out");
    }

    @Test
    void thoseOfAnotherCutAreNamed() throws Exception {
        done("uniform -o out --part 1/2" + SHARDS + " m0 m1");
        done("uniform -o out --part 1/16" + SHARDS + " m0 m1");
        String error = error("index out");
        assertTrue(error.contains("out.parts: has parts of different cuts: of 2, 16"), error);
    }

    @Test
    void aShardThatIsCutShortIsNamed() throws Exception {
        done("uniform -o out --part 1/1" + SHARDS + " m0 m1");
        Path shard = folder.resolve("out.parts/part-1-of-1/model-00002-of-00010.safetensors");
        long bytes = Files.size(shard);
        Files.write(shard, java.util.Arrays.copyOf(Files.readAllBytes(shard), 100));
        String error = error("index out");
        assertTrue(error.contains("00010.safetensors: has 100 of the " + bytes + " bytes that were written"), error);
        Files.delete(shard);
        assertTrue(error("index out").contains("has 0 of the " + bytes));
        Files.writeString(folder.resolve("out.parts/part-1-of-1/stockpot_part.json"), "{");
        assertTrue(error("index out").contains("stockpot_part.json: does not say what the part is"));
    }

    @Test
    void anExistingModelIsReplacedOnlyWhenAsked() throws Exception {
        done("uniform -o out m2");
        Files.writeString(folder.resolve("out/notes.md"), "mine");
        Files.writeString(folder.resolve("out/README.md"), "my own card");
        assertTrue(error("uniform -o out --part 1/1" + SHARDS + " m0 m1").contains("out: exists already"));
        done("uniform -o out --force --part 1/1" + SHARDS + " m0 m1");
        assertTrue(error("index out").contains("out: exists already"));
        done("index out --force");
        assertEquals("mine", Files.readString(folder.resolve("out/notes.md")));
        assertEquals("my own card", Files.readString(folder.resolve("out/README.md")));
        Files.delete(folder.resolve("out/notes.md"));
        done("uniform -o whole" + SHARDS + " m0 m1");
        Files.copy(folder.resolve("whole/README.md"), folder.resolve("out/README.md"), REPLACE_EXISTING);
        assertSame("whole", "out");
        assertEquals(List.of(), left());
    }
}
