package dev.stockpot.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** JSON as plain values: maps, lists, texts, doubles, booleans; a null is the text {@code null}. */
public final class JsonValues {
    private static final int LONGEST_FAULT = 200;

    /** Where a parser's objects are in memory, and what its limits are called. */
    private static final Pattern INNER =
            Pattern.compile("(?s)\\s*\\((start marker at|for \\w+ starting at|through reference chain).*"
                    + "|,? from `[^`]*`|: enable `[^`]*` to allow|\\s*at \\[Source.*");

    private JsonValues() {}

    /** The value at {@code json}'s current token. */
    public static Object read(JsonParser json) throws IOException {
        switch (json.currentToken()) {
            case START_OBJECT:
                Map<String, Object> map = new LinkedHashMap<>();
                for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
                    json.nextToken();
                    map.put(name, read(json));
                }
                return map;
            case START_ARRAY:
                List<Object> list = new ArrayList<>();
                while (!json.nextToken().isStructEnd()) {
                    list.add(read(json));
                }
                return list;
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT:
                return json.getDoubleValue();
            case VALUE_TRUE, VALUE_FALSE:
                return json.getBooleanValue();
            default:
                return json.getText();
        }
    }

    /** The value of a whole text. */
    public static Object read(String text) throws IOException {
        try (JsonParser json = new JsonFactory().createParser(text)) {
            json.nextToken();
            return read(json);
        }
    }

    /**
     * Numbers by name, from an object as {@link #read} returns it.
     *
     * @throws ClassCastException if {@code value} is anything else
     */
    public static LinkedHashMap<String, Double> numbers(Object value) {
        LinkedHashMap<String, Double> numbers = new LinkedHashMap<>();
        ((Map<?, ?>) value).forEach((name, number) -> numbers.put((String) name, (Double) number));
        return numbers;
    }

    /** What is wrong with a text that is no JSON, in one line: the parser's words but for what it says of itself, and the place. */
    public static String fault(JsonProcessingException e) {
        String words = INNER.matcher(e.getOriginalMessage()).replaceAll("");
        String place = e.getLocation() == null
                ? ""
                : " (line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr() + ")";
        return Printable.of(Figures.shortened(words, LONGEST_FAULT)) + place;
    }

    /** Writes numbers by name, as an object. */
    public static void write(JsonGenerator json, Map<String, Double> numbers) throws IOException {
        json.writeStartObject();
        for (Map.Entry<String, Double> number : numbers.entrySet()) {
            json.writeNumberField(number.getKey(), number.getValue());
        }
        json.writeEndObject();
    }
}
