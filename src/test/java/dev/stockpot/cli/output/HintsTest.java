package dev.stockpot.cli.output;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.cli.TestCommands;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.DeviceException;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.error.StockpotException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class HintsTest {
    private static final Pattern OPTION = Pattern.compile("--[a-z-]+");

    private static List<StockpotException> failures(Reason reason) {
        List<StockpotException> failures = new ArrayList<>();
        for (Details details : List.of(
                Details.of().hint("the library's words"),
                Details.of().hint("the library's words").choices(List.of("a", "b")),
                Details.of().hint("the library's words").number("devices", 0),
                Details.of().hint("the library's words").number("devices", 2))) {
            failures.add(new CheckpointException(reason, Path.of("file"), "is wrong", details));
            failures.add(new SoupException(reason, "wrong", details));
            failures.add(new EvaluationException(reason, "wrong", details));
            failures.add(new DeviceException(reason, "wrong", details));
        }
        return failures;
    }

    @Test
    void everyOptionThatAHintNamesExists() {
        Set<String> options = TestCommands.options();
        int named = 0;
        for (Reason reason : Reason.values()) {
            for (StockpotException failure : failures(reason)) {
                Matcher matcher = OPTION.matcher(Hints.of(failure).orElse(""));
                while (matcher.find()) {
                    named++;
                    assertTrue(options.contains(matcher.group()), reason + ": " + matcher.group());
                }
            }
        }
        assertTrue(named > 50, "named " + named);
    }

    @Test
    void aReasonWithoutAnOptionHasTheLibrarysWords() {
        SoupException failure =
                new SoupException(Reason.NO_SCORE, "no score", Details.of().hint("add a line"));
        assertEquals(Optional.of("add a line"), Hints.of(failure));
        assertEquals(Optional.empty(), Hints.of(new SoupException(Reason.NO_SCORE, "no score")));
    }

    @Test
    void hintsSayWhatTheFieldsKnow() {
        assertEquals(
                Optional.of("--device takes 0 to 2"),
                Hints.of(new DeviceException(
                        Reason.NO_DEVICE, "none", Details.of().number("devices", 3))));
        assertEquals(
                Optional.of("--key . reads only the tensors of the whole module, --key NAME those under a, b"),
                Hints.of(new CheckpointException(
                        Reason.IS_CODE,
                        Path.of("model.pt"),
                        "is code",
                        Details.of().choices(List.of("a", "b")))));
    }
}
