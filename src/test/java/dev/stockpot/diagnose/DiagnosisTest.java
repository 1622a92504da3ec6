package dev.stockpot.diagnose;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.Stockpot;
import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.diagnose.Finding.Kind;
import dev.stockpot.error.SoupException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Diagnoses of models with known problems. */
class DiagnosisTest extends Networks {
    private static List<Checkpoint> real() {
        return IntStream.range(0, 8)
                .mapToObj(i -> Stockpot.open(Path.of("examples/ingredients/model_0" + i + ".safetensors")))
                .toList();
    }

    @Test
    void theRealIngredientsAreFitForASoup() throws Exception {
        Diagnosis.Result result = run(Diagnosis.of(real()));
        assertEquals(List.of(Kind.FIT), kinds(result));
        Positions whole = result.geometry().whole();
        // Computed independently with NumPy, in double precision.
        assertEquals(14.64816129, whole.norm(0), 1e-7);
        assertEquals(0.953, whole.weightCosine(0, 1), 5e-4);
        assertEquals(0.896, whole.weightCosine(0, 5), 5e-4);
        assertEquals(8, result.geometry().tensors().size());
    }

    @Test
    void distancesAreThoseBetweenTheFilesValues() throws Exception {
        Net base = fresh();
        Net a = base.plus(0.1, random);
        Net b = base.plus(0.1, random);
        Geometry geometry = run(Diagnosis.of(List.of(write("a", a), write("b", b)))
                        .withBase(write("base", base)))
                .geometry();
        double squares = 0;
        double moved = 0;
        for (int i = 0; i < a.first().length; i++) {
            squares += Math.pow((float) a.first()[i] - (double) (float) b.first()[i], 2);
            moved += Math.pow((float) a.first()[i] - (double) (float) base.first()[i], 2);
        }
        Positions first = geometry.tensors().get(0).positions();
        assertEquals(Math.sqrt(squares), first.distance(0, 1), 1e-12);
        assertEquals(Math.sqrt(moved), first.moved(0), 1e-12);
    }

    @Test
    void aModelGivenTwiceIsNoticed() throws Exception {
        Net base = fresh();
        Net a = base.plus(0.1, random);
        List<Checkpoint> models = List.of(write("a", a), write("b", base.plus(0.1, random)), write("c", a));
        Finding same = found(run(Diagnosis.of(models)), Kind.IDENTICAL);
        assertEquals(List.of(0, 2), same.ingredients());
        Net nearly = a.plus(1e-5, random);
        Finding near =
                found(run(Diagnosis.of(List.of(models.get(0), models.get(1), write("d", nearly)))), Kind.NEAR_COPY);
        assertEquals(List.of(0, 2), near.ingredients());
    }

    @Test
    void aModelOfAnotherOriginIsNoticedWithAndWithoutABase() throws Exception {
        Net base = fresh();
        List<Checkpoint> models = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            models.add(write("m" + i, base.plus(0.1, random)));
        }
        models.add(write("stranger", fresh()));
        assertEquals(
                List.of(4), found(run(Diagnosis.of(models)), Kind.OTHER_ORIGIN).ingredients());
        Diagnosis.Result seen = run(Diagnosis.of(models).withBase(write("base", base)));
        assertEquals(List.of(4), found(seen, Kind.OTHER_ORIGIN).ingredients());
        assertEquals(Kind.OTHER_ORIGIN, seen.findings().get(0).kind(), "the worst first");
    }

    @Test
    void aModelThatMovedFarIsNoticed() throws Exception {
        Net base = fresh();
        List<Checkpoint> models = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            models.add(write("m" + i, base.plus(i == 2 ? 0.2 : 0.02, random)));
        }
        Diagnosis.Result result = run(Diagnosis.of(models).withBase(write("base", base)));
        assertEquals(List.of(2), found(result, Kind.FAR).ingredients());
    }

    @Test
    void onlyTheIngredientWithValuesThatAreNotFiniteIsBlamed() throws Exception {
        Net base = fresh();
        List<Checkpoint> models = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Net net = base.plus(0.1, random);
            if (i == 2) {
                net.first()[5] = Double.NaN;
                net.first()[6] = Double.POSITIVE_INFINITY;
            }
            models.add(write("m" + i, net));
        }
        List<Checkpoint> sound = List.of(models.get(0), models.get(1), models.get(3));
        Diagnosis.Result others = run(Diagnosis.of(sound));
        Diagnosis.Result result = run(Diagnosis.of(models));
        assertEquals(List.of(Kind.NOT_FINITE), kinds(result));
        Finding broken = result.findings().get(0);
        assertEquals(List.of(2), broken.ingredients());
        String tensor = result.geometry().tensors().get(0).tensor().name();
        assertEquals(
                "has values that are not finite: 1 value that is not a number (NaN) and 1 infinite value in tensor "
                        + tensor + ".",
                broken.text());
        assertEquals(
                List.of(new Geometry.NotFiniteValues(2, tensor, 1, 1)),
                result.geometry().notFinite());
        // The others are seen as if it were not there.
        for (int i = 0; i < 3; i++) {
            int same = i == 2 ? 3 : i;
            assertEquals(
                    others.geometry().whole().moved(i),
                    result.geometry().whole().moved(same));
        }
        Diagnosis.Result seen = run(Diagnosis.of(models).withBase(write("base", base)));
        assertEquals(List.of(2), found(seen, Kind.NOT_FINITE).ingredients());
        assertEquals(1, seen.findings().size());
        base.first()[7] = Double.NaN;
        Diagnosis.Result fromBroken = run(Diagnosis.of(sound).withBase(write("broken", base)));
        assertEquals(List.of(tensor), fromBroken.geometry().notInBase());
        assertEquals(List.of(), fromBroken.geometry().notFinite());
    }

    @Test
    void anAttentionMaskIsNotMeasured() throws Exception {
        Net base = fresh();
        List<Checkpoint> models = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Net net = base.plus(0.1, random);
            net.first()[5] = Double.NEGATIVE_INFINITY;
            models.add(write("m" + i, net));
        }
        Diagnosis.Result result = run(Diagnosis.of(models));
        assertEquals(List.of(Kind.FIT), kinds(result));
        assertTrue(result.geometry().tensors().size() > 0);
    }

    @Test
    void aHeadOfItsOwnIsNoticed() throws Exception {
        Net base = fresh();
        List<Checkpoint> models = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Net net = base.plus(0.05, random);
            models.add(write("m" + i, i == 1 ? new Net(net.first(), fresh().second()) : net));
        }
        Diagnosis.Result result = run(Diagnosis.of(models));
        Finding head = found(result, Kind.OTHER_HEAD);
        assertEquals(List.of(1), head.ingredients());
        assertTrue(head.text().contains("head.weight"), head.text());
        assertFalse(kinds(result).contains(Kind.OTHER_ORIGIN));
    }

    @Test
    void valuesThatAreNotFiniteAreNoticed() throws Exception {
        Net base = fresh();
        Net broken = base.plus(0.1, random);
        broken.first()[3] = Double.NaN;
        List<Checkpoint> models = List.of(write("a", base.plus(0.1, random)), write("b", broken));
        Finding finding = found(run(Diagnosis.of(models).withBase(write("base", base))), Kind.NOT_FINITE);
        assertEquals(List.of(1), finding.ingredients());
    }

    @Test
    void allInOneDirectionIsNoticed() throws Exception {
        Net base = fresh();
        Net far = base.plus(0.2, random);
        List<Checkpoint> models = List.of(write("a", far.plus(0.01, random)), write("b", far.plus(0.01, random)));
        Diagnosis.Result result = run(Diagnosis.of(models).withBase(write("base", base)));
        assertTrue(kinds(result).contains(Kind.SMALL_ANGLES), result.findings().toString());
        assertTrue(kinds(result).contains(Kind.FIT), "no reason against a soup");
    }

    @Test
    void aBaseMayLackTheHead() throws Exception {
        Net base = fresh();
        Map<String, TestFiles.Tensor> body = new LinkedHashMap<>();
        body.put("first.weight", TestFiles.Tensor.f32("[" + HIDDEN + "," + INPUTS + "]", base.first()));
        body.put("head.weight", TestFiles.Tensor.f32("[2]", 1, 2));
        Checkpoint pretrained = Stockpot.open(TestFiles.write(folder.resolve("base.safetensors"), body));
        List<Checkpoint> models = List.of(write("a", base.plus(0.1, random)), write("b", base.plus(0.1, random)));
        Geometry geometry = run(Diagnosis.of(models).withBase(pretrained)).geometry();
        assertEquals(List.of("head.weight"), geometry.notInBase());
        assertEquals(
                geometry.tensors().get(0).positions().moved(0), geometry.whole().moved(0));
        Checkpoint other = Stockpot.open(
                TestFiles.write(folder.resolve("other.safetensors"), Map.of("x", TestFiles.Tensor.f32("[1]", 1))));
        assertThrows(SoupException.class, () -> run(Diagnosis.of(models).withBase(other)));
    }
}
