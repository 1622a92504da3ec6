package dev.stockpot.engine.write;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.stockpot.tensor.DType;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Tests that a configuration states what changed, and keeps every other byte. */
class ConfigEditsTest {
    private static final ConfigEdits ALL = new ConfigEdits(Optional.of(DType.BF16), Map.of(48L, 56L), Optional.of(5));

    private static String in(String config, ConfigEdits edits) {
        return new String(edits.in(config.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
    }

    @Test
    void valuesChangeAndAllElseStays() {
        assertEquals(
                "{ \"vocab_size\":56,\"é\" : [48, {\"vocab_size\": 48}],\n\"torch_dtype\": \"bfloat16\" , \"num_hidden_layers\" : 5}",
                in(
                        "{ \"vocab_size\":48,\"é\" : [48, {\"vocab_size\": 48}],\n\"torch_dtype\": \"float32\" , \"num_hidden_layers\" : 4}",
                        ALL));
    }

    @Test
    void theTextPartOfAModelCountsToo() {
        assertEquals(
                "{\"text_config\":{\"vocab_size\":56,\"n_layer\":5},\"vision_config\":{\"num_hidden_layers\":4},\"dtype\":\"torch.bfloat16\"}",
                in(
                        "{\"text_config\":{\"vocab_size\":48,\"n_layer\":4},\"vision_config\":{\"num_hidden_layers\":4},\"dtype\":\"torch.float16\"}",
                        ALL));
    }

    @Test
    void otherVocabulariesAndWhatIsNoJsonStay() {
        for (String same :
                new String[] {"{\"vocab_size\": 49}", "{\"vocab_size\": \"48\"}", "[]", "no JSON", "{\"a\":"}) {
            byte[] config = same.getBytes(StandardCharsets.UTF_8);
            assertSame(config, ALL.in(config), same);
        }
    }

    /** JSON has to be in UTF-8 (RFC 8259), and places of other encodings are not known in bytes. */
    @Test
    void otherEncodingsStay() {
        for (Charset other : List.of(StandardCharsets.UTF_16BE, StandardCharsets.UTF_16LE)) {
            byte[] config = "{\"vocab_size\": 48}".getBytes(other);
            assertSame(config, ALL.in(config), other.name());
        }
    }
}
