package dev.stockpot.soup.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.run.Concern;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Parts of models, and one model several times, as files show them. */
class FilesTest {
    @TempDir
    Path folder;

    /** Models at these paths in {@link #folder}; all have the same tensors, as ranks do. */
    private List<Checkpoint> models(String... paths) throws IOException {
        List<Checkpoint> models = new ArrayList<>();
        for (String path : paths) {
            Path file = folder.resolve(path);
            Files.createDirectories(file.getParent());
            if (!Files.exists(file)) {
                TestFiles.write(file, Map.of("w", Tensor.f32("[2]", paths.length, models.size())));
            }
            models.add(Checkpoint.open(file));
        }
        return models;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "consolidated.00.pth consolidated.01.pth",
                "model_final.rank_0.pth model_final.rank_1.pth",
                "mp_rank_00_model_states.pt mp_rank_01_model_states.pt",
                "zero_pp_rank_0_mp_rank_00_model_states.pt zero_pp_rank_1_mp_rank_00_model_states.pt",
                "zero_pp_rank_0_mp_rank_00_model_states.pt zero_pp_rank_0_mp_rank_01_model_states.pt",
                "model_world_size_2_rank_0.pt model_world_size_2_rank_1.pt",
                "mp_rank_00/model_optim_rng.pt mp_rank_01/model_optim_rng.pt",
                "mp_rank_00_000/model_optim_rng.pt mp_rank_00_001/model_optim_rng.pt",
                "model-00001-of-00002.safetensors model-00002-of-00002.safetensors",
                "pytorch_model-00001-of-00003.bin pytorch_model-00003-of-00003.bin",
                "checkpoint_last-shard0.pt checkpoint_last-shard1.pt",
                "reshard-model_part-0.pt reshard-model_part-1.pt",
                "a/consolidated.00.pth b/consolidated.01.pth",
                "epoch1.rank_0.pth epoch2.rank_1.pth"
            })
    void partsOfAModelAreNoIngredients(String paths) throws IOException {
        Doubt doubt = Headers.only(Concern.PARTS, Checks.of(models(paths.split(" "))));
        assertEquals(List.of(0, 1), doubt.models());
        assertTrue(doubt.text().contains("different parts (shards or ranks) of a model"), doubt.text());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a/consolidated.00.pth b/consolidated.00.pth",
                "a/mp_rank_00_model_states.pt b/mp_rank_00_model_states.pt",
                "iter_1/mp_rank_00/model_optim_rng.pt iter_2/mp_rank_00/model_optim_rng.pt",
                "model-00001-of-00001.safetensors other-00001-of-00001.safetensors",
                "epoch_01.pt epoch_02.pt",
                "model.00.pth model.01.pth",
                "pagerank1.pt pagerank2.pt",
                "best-of-5.pt best-of-7.pt",
                "part1.pt part2.pt"
            })
    void modelsOfTheirOwnAre(String paths) throws IOException {
        assertEquals(List.of(), Checks.of(models(paths.split(" "))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rank1_of_search.pt rank2_of_search.pt",
                "model_1_of_3.pt model_2_of_3.pt",
                "best_rank_1.pt best_rank_2.pt"
            })
    void namesThatPeopleGiveModelsTooAreOnlyAWarning(String paths) throws IOException {
        List<Doubt> doubts = Checks.of(models(paths.split(" ")));
        assertEquals(1, doubts.size(), doubts::toString);
        assertTrue(doubts.get(0).concern().isEmpty());
        assertTrue(doubts.get(0).text().contains("named like parts"), doubts::toString);
        String alone = paths.substring(0, paths.indexOf(' '));
        assertEquals(List.of(), Checks.ofOne(models(alone).get(0)));
    }

    @Test
    void thePartsOfWhichNoTensorIsInAnotherAreShardsWhateverTheirNames() throws IOException {
        Path a = TestFiles.write(folder.resolve("model_1_of_2.pt"), Map.of("x", Tensor.f32("[1]", 1)));
        Path b = TestFiles.write(folder.resolve("model_2_of_2.pt"), Map.of("y", Tensor.f32("[1]", 1)));
        Headers.only(Concern.PARTS, Checks.of(List.of(Checkpoint.open(a), Checkpoint.open(b))));
    }

    @Test
    void theSamePartOfEachModelIsAPartAgain() throws IOException {
        List<Checkpoint> models = models("a/model-00001-of-00002.safetensors", "b/model-00001-of-00002.safetensors");
        List<Doubt> doubts = Checks.of(models);
        assertEquals(1, doubts.size(), doubts::toString);
        assertTrue(doubts.get(0).concern().isEmpty());
        assertEquals(
                "are only one part (00001 of 2) of a model, a shard or rank as the name says",
                doubts.get(0).text());
    }

    @Test
    void aRankBesideAnotherIsOnlyAPart() throws IOException {
        models("consolidated.00.pth", "consolidated.01.pth", "alone/consolidated.00.pth");
        assertEquals(
                "is only one part (00) of a model, a shard or rank as the name says",
                Checks.ofOne(models("consolidated.00.pth").get(0)).get(0).text());
        assertEquals(1, Checks.ofOne(models("consolidated.01.pth").get(0)).size());
        assertEquals(List.of(), Checks.ofOne(models("alone/consolidated.00.pth").get(0)));
        models("mp_rank_00/model.pt", "mp_rank_01/model.pt");
        assertEquals(1, Checks.ofOne(models("mp_rank_00/model.pt").get(0)).size());
    }

    @Test
    void aFolderOfPartsIsNoChoiceOfModels() throws IOException {
        for (String names : List.of(
                "consolidated.00.pth consolidated.01.pth",
                "model-00001-of-00002.safetensors model-00002-of-00002.safetensors")) {
            Path parts = folder.resolve(names.substring(0, 5));
            for (String name : names.split(" ")) {
                models(folder.relativize(parts.resolve(name)).toString());
            }
            CheckpointException e = assertThrows(CheckpointException.class, () -> Checkpoint.open(parts));
            assertEquals(Reason.SEVERAL_FILES, e.reason());
            assertTrue(e.getMessage().contains("shards"), e.getMessage());
            assertTrue(e.hint().orElseThrow().contains("part"), e.hint().toString());
        }
        models("two/epoch_01.pth", "two/epoch_02.pth");
        String two = assertThrows(CheckpointException.class, () -> Checkpoint.open(folder.resolve("two")))
                .getMessage();
        assertTrue(two.endsWith("name one of them"), two);
    }

    @Test
    void shardsWithAnIndexAreOneModel() throws IOException {
        Path model = Files.createDirectory(folder.resolve("model"));
        for (int shard = 1; shard <= 2; shard++) {
            TestFiles.write(
                    model.resolve("model-0000" + shard + "-of-00002.safetensors"),
                    Map.of("w" + shard, Tensor.f32("[1]", shard)));
        }
        Files.writeString(
                model.resolve("model.safetensors.index.json"),
                "{\"weight_map\":{\"w1\":\"model-00001-of-00002.safetensors\",\"w2\":\"model-00002-of-00002.safetensors\"}}");
        assertEquals(List.of(), Checks.ofOne(Checkpoint.open(model)));
    }

    @Test
    void oneFileByTwoPathsIsNoticed() throws IOException {
        models("a.safetensors");
        Path a = folder.resolve("a.safetensors");
        Files.createSymbolicLink(folder.resolve("symbolic.safetensors"), a);
        Files.createLink(folder.resolve("hard.safetensors"), a);
        Files.copy(a, folder.resolve("copy.safetensors"));
        List<Checkpoint> models = models(
                "a.safetensors", "symbolic.safetensors", "hard.safetensors", "copy.safetensors", "a.safetensors");
        List<Doubt> doubts = Checks.of(models);
        assertEquals(
                List.of(List.of(1), List.of(2), List.of(4)),
                doubts.stream().map(Doubt::models).toList());
        String link = " is the same file as " + a + ", by another path or a link, and counts twice";
        assertEquals(
                List.of(
                        folder.resolve("symbolic.safetensors") + link,
                        folder.resolve("hard.safetensors") + link,
                        a + " is listed twice and counts twice"),
                doubts.stream().map(doubt -> doubt.message(models)).toList());
    }
}
