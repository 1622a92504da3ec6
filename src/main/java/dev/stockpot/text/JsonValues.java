package dev.stockpot.text;

import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON as plain values: maps, lists, texts, doubles, booleans; a null is the text {@code null}. */
public final class JsonValues {
    private JsonValues() {}

    /** The value at {@code json}'s token. */
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
}
