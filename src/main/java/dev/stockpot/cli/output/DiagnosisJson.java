package dev.stockpot.cli.output;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.diagnose.Diagnosis;
import dev.stockpot.diagnose.Finding;
import dev.stockpot.diagnose.Geometry;
import dev.stockpot.diagnose.LinePath;
import dev.stockpot.diagnose.LineScores;
import dev.stockpot.diagnose.Positions;
import java.io.IOException;
import java.util.Locale;
import java.util.function.IntToDoubleFunction;

/** A diagnosis as one JSON object. */
public final class DiagnosisJson {
    private DiagnosisJson() {}

    /** A number for each pair. */
    private interface OfPair {
        double of(int i, int j);
    }

    public static void write(JsonGenerator json, Diagnosis.Result result) throws IOException {
        Geometry geometry = result.geometry();
        json.writeStartObject();
        json.writeStringField("verdict", result.verdict().toString().toLowerCase(Locale.ROOT));
        json.writeStringField(
                "origin", geometry.base().map(b -> b.path().toString()).orElse("the ingredients' mean"));
        json.writeArrayFieldStart("ingredients");
        for (Checkpoint ingredient : geometry.ingredients()) {
            json.writeString(ingredient.path().toString());
        }
        json.writeEndArray();
        json.writeObjectFieldStart("whole");
        positions(json, geometry.whole());
        json.writeEndObject();
        json.writeArrayFieldStart("tensors");
        for (Geometry.TensorPositions tensor : geometry.tensors()) {
            json.writeStartObject();
            json.writeStringField("name", tensor.tensor().name());
            Json.shape(json, tensor.tensor());
            json.writeBooleanField("in_base", tensor.fromBase());
            positions(json, tensor.positions());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeFieldName("scores");
        if (result.scores().isPresent()) {
            scores(json, result.scores().get());
        } else {
            json.writeNull();
        }
        findings(json, result);
        json.writeEndObject();
    }

    private static void positions(JsonGenerator json, Positions positions) throws IOException {
        Json.number(json, "origin_norm", positions.originNorm());
        vector(json, "norms", positions, positions::norm);
        vector(json, "moved", positions, positions::moved);
        vector(json, "origin_cosines", positions, positions::originCosine);
        matrix(json, "distances", positions, positions::distance);
        matrix(json, "cosines", positions, positions::cosine);
        matrix(json, "angles", positions, positions::angle);
        matrix(json, "gram", positions, positions::product);
    }

    private static void vector(JsonGenerator json, String name, Positions positions, IntToDoubleFunction of)
            throws IOException {
        json.writeArrayFieldStart(name);
        for (int i = 0; i < positions.models(); i++) {
            number(json, of.applyAsDouble(i));
        }
        json.writeEndArray();
    }

    private static void matrix(JsonGenerator json, String name, Positions positions, OfPair of) throws IOException {
        json.writeArrayFieldStart(name);
        for (int i = 0; i < positions.models(); i++) {
            json.writeStartArray();
            for (int j = 0; j < positions.models(); j++) {
                number(json, of.of(i, j));
            }
            json.writeEndArray();
        }
        json.writeEndArray();
    }

    private static void number(JsonGenerator json, double value) throws IOException {
        if (Double.isFinite(value)) {
            json.writeNumber(value);
        } else {
            json.writeNull();
        }
    }

    private static void scores(JsonGenerator json, LineScores scores) throws IOException {
        json.writeStartObject();
        json.writeStringField("metric", scores.metric());
        json.writeStringField("direction", scores.minimize() ? "minimize" : "maximize");
        json.writeFieldName("individual");
        Json.numbers(json, scores.individual());
        json.writeNumberField("best", scores.best());
        json.writeNumberField("uniform", scores.uniform());
        json.writeArrayFieldStart("lines");
        for (LinePath line : scores.lines()) {
            json.writeStartObject();
            json.writeNumberField("a", line.a());
            json.writeNumberField("b", line.b());
            json.writeFieldName("points");
            Json.numbers(json, line.points());
            json.writeFieldName("scores");
            Json.numbers(json, line.scores());
            json.writeNumberField("barrier", line.barrier());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void findings(JsonGenerator json, Diagnosis.Result result) throws IOException {
        json.writeArrayFieldStart("findings");
        for (Finding finding : result.findings()) {
            json.writeStartObject();
            json.writeStringField("kind", finding.kind().toString().toLowerCase(Locale.ROOT));
            json.writeStringField(
                    "severity", finding.kind().severity().toString().toLowerCase(Locale.ROOT));
            json.writeArrayFieldStart("ingredients");
            for (int i : finding.ingredients()) {
                json.writeString(result.geometry().ingredients().get(i).path().toString());
            }
            json.writeEndArray();
            json.writeStringField("text", finding.text());
            json.writeStringField("meaning", finding.meaning());
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
