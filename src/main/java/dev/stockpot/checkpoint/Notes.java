package dev.stockpot.checkpoint;

import dev.stockpot.text.NameList;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The notes on several checkpoints. */
final class Notes {
    private Notes() {}

    /** Each once, with the paths that it is about. */
    static List<String> of(List<Checkpoint> checkpoints) {
        Map<String, List<String>> paths = new LinkedHashMap<>();
        for (Checkpoint checkpoint : checkpoints) {
            for (String note : checkpoint.notes()) {
                paths.computeIfAbsent(note, k -> new ArrayList<>())
                        .add(checkpoint.path().toString());
            }
        }
        List<String> notes = new ArrayList<>();
        paths.forEach((note, about) -> notes.add(NameList.of(about, 1) + ": " + note));
        return notes;
    }
}
