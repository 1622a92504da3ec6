package dev.stockpot.soup.descent;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.soup.search.Journal;
import dev.stockpot.text.JsonValues;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;

/** One descent's entries in a journal, which may hold other descents and the scores of searches too. */
public final class DescentJournal {
    /** The first field of a descent's entries; its value says which descent. */
    private static final String DESCENT = "descent";

    private static final String SETTINGS = "settings";

    private final Journal journal;
    private final Map<String, String> settings;
    private final String id;
    private final SearchListener listener;

    private DescentJournal(Journal journal, Map<String, String> settings, SearchListener listener) {
        this.journal = journal;
        this.settings = settings;
        this.id = UUID.nameUUIDFromBytes(settings.toString().getBytes(StandardCharsets.UTF_8))
                .toString();
        this.listener = listener;
    }

    /**
     * The entries of the descent with these settings.
     *
     * @param settings all that its steps depend on, by name
     * @param listener hears of each epoch that is kept
     * @param notes receives a note if the journal has only descents with others
     */
    public static DescentJournal of(
            Journal journal, Map<String, String> settings, SearchListener listener, Consumer<String> notes) {
        DescentJournal mine = new DescentJournal(journal, new LinkedHashMap<>(settings), listener);
        if (mine.entries().isEmpty()) {
            journal.entries().stream()
                    .filter(entry -> entry.startsWith(beginning("")) && entry.contains('"' + SETTINGS + '"'))
                    .reduce((first, last) -> last)
                    .ifPresent(other -> notes.accept(mine.compared(other)));
        }
        return mine;
    }

    private static String beginning(String id) {
        return "{\"" + DESCENT + "\":\"" + id;
    }

    /** How the settings of another descent differ. */
    private String compared(String other) {
        Map<?, ?> was;
        try {
            was = Objects.requireNonNull((Map<?, ?>) ((Map<?, ?>) JsonValues.read(other)).get(SETTINGS));
        } catch (IOException | RuntimeException e) {
            throw journal.damaged(other, e);
        }
        String how = settings.entrySet().stream()
                .filter(entry -> !entry.getValue().equals(was.get(entry.getKey())))
                .map(entry -> ": its " + entry.getKey() + " was " + was.get(entry.getKey()) + " but now is "
                        + entry.getValue())
                .findFirst()
                .orElse("");
        return journal.path().orElseThrow() + ": its epochs are kept but not used: they are of another descent" + how;
    }

    /** This descent's entries, each a JSON object. */
    List<String> entries() {
        return journal.entries().stream()
                .filter(entry -> entry.startsWith(beginning(id + '"')))
                .toList();
    }

    /** Adds the state after an epoch; it is on disk when this returns. */
    void add(DescentState state) {
        add(json -> {
            if (state.epoch().number() == 0) {
                json.writeObjectFieldStart(SETTINGS);
                for (Map.Entry<String, String> setting : settings.entrySet()) {
                    json.writeStringField(setting.getKey(), setting.getValue());
                }
                json.writeEndObject();
            }
            state.write(json);
        });
        saved(state);
    }

    /** Tells the listener that a state is on disk. */
    void saved(DescentState state) {
        journal.path().ifPresent(path -> listener.saved(path, state.epoch().number() + 1));
    }

    /** Adds an entry. */
    void add(Journal.Fields fields) {
        journal.add(json -> {
            json.writeStringField(DESCENT, id);
            fields.write(json);
        });
    }

    /** For a line that is not an entry. */
    CheckpointException damaged(String entry, Exception cause) {
        return journal.damaged(entry, cause);
    }
}
