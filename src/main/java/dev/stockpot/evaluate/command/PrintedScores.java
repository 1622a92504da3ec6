package dev.stockpot.evaluate.command;

import dev.stockpot.evaluate.MetricDirection;
import dev.stockpot.evaluate.Scores;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the score in what a program has printed. It is in the last line that is a score: a number, {@code name: number} (one
 * or several), or an object, over as many lines as it has. Lines after it that are none are passed over, as programs log.
 */
final class PrintedScores {
    /** A longer line is prose or data; only as an object it may still be a score. */
    private static final int LONGEST_LINE = 500;

    private static final String WORD = "[\\p{L}\\p{N}][\\p{L}\\p{N}_@./()#-]*+";
    private static final String FIRST = "(?<![\\p{L}\\p{N}_@./#-])\\p{L}[\\p{L}\\p{N}_@./()#-]*+";
    private static final String AFTER = "(?:\\s?(?:±|\\+/-)\\s?[\\d.eE+-]+%?)?(?:\\s?\\([^()]*\\))?";
    private static final String NAME = "(" + FIRST + "(?: " + WORD + "){0,11}?)";
    private static final String VALUE = "(" + PrintedNumber.FORM + ")" + AFTER;
    private static final Pattern SIGNED = Pattern.compile(NAME + "(\\s*[:=]\\s*)" + VALUE);
    /** As in {@code accuracy 0.5}; only metrics that are known are told from prose. */
    private static final Pattern BLANK = Pattern.compile(NAME + "(\\s+)" + VALUE);

    private static final Pattern NUMBERED = Pattern.compile(".* [\\d./]+ (\\p{L}.*)");
    private static final Pattern BETWEEN = Pattern.compile("\\s*[,;|/]?\\s*(?:and\\s+)?");
    private static final Pattern END = Pattern.compile("\\s*[.,;!|*]*\\s*");
    /** What may stand before a name: nothing, what sets a logger's words or a bullet apart, or a number as of an epoch. */
    private static final Pattern BEFORE = Pattern.compile("(?:.*[:\\]|>*#),;.!-]|.*\\s[\\d./]+)?\\s*");

    /** Names of what is measured beside a score. */
    private static final Set<String> NO_METRIC = Set.of(
            ("time seconds second minutes hours elapsed duration runtime took eta step steps epoch epochs iteration iterations"
                            + " iter lr samples examples batch batches memory gb mb kb bytes size count seed port pid speed"
                            + " throughput fps line version exit code rank device gpu files")
                    .split(" "));

    private final List<String> lines;

    private PrintedScores(List<String> lines) {
        this.lines = lines;
    }

    /**
     * What was found.
     *
     * @param metrics by name, the main one first; empty if an object has no numbers
     * @param nested whether the main one was chosen among numbers of objects within an object
     */
    record Found(LinkedHashMap<String, Double> metrics, boolean nested) {}

    /** The last score in {@code lines}. */
    static Optional<Found> in(List<String> lines) {
        return new PrintedScores(lines).last();
    }

    private Optional<Found> last() {
        for (int i = lines.size() - 1; i >= 0; i--) {
            String line = lines.get(i).strip();
            if (line.endsWith("}") || line.endsWith("]")) {
                PrintedObject.Numbers object = object(i);
                if (object != null) {
                    return Optional.of(found(object));
                }
            }
            Double number = line.length() > LONGEST_LINE ? null : PrintedNumber.of(line);
            if (number != null) {
                LinkedHashMap<String, Double> metrics = new LinkedHashMap<>();
                metrics.put(Scores.UNNAMED, number);
                return Optional.of(new Found(metrics, false));
            }
            LinkedHashMap<String, Double> pairs = pairs(line);
            if (!pairs.isEmpty()) {
                return Optional.of(new Found(withNeighbours(pairs, i), false));
            }
        }
        return Optional.empty();
    }

    /** The object that ends with a line, or null. */
    private PrintedObject.Numbers object(int end) {
        int open = 0;
        for (int begin = end; begin >= 0; begin--) {
            String line = lines.get(begin);
            for (int i = 0; i < line.length(); i++) {
                char c = line.charAt(i);
                open += c == '}' || c == ']' ? 1 : c == '{' || c == '[' ? -1 : 0;
            }
            if (open <= 0) {
                return object(begin, end);
            }
        }
        return null;
    }

    private PrintedObject.Numbers object(int begin, int end) {
        String text = String.join("\n", lines.subList(begin, end + 1)).strip();
        // After a logger's words, if there are some.
        int brace = text.indexOf('{');
        PrintedObject.Numbers whole = text.startsWith("[") ? PrintedObject.numbers(text) : null;
        return whole != null || brace < 0 ? whole : PrintedObject.numbers(text.substring(brace));
    }

    private static Found found(PrintedObject.Numbers object) {
        LinkedHashMap<String, Double> metrics = object.byName();
        if (object.own() || metrics.size() < 2) {
            return new Found(metrics, false);
        }
        LinkedHashMap<String, Double> ordered = new LinkedHashMap<>();
        metrics.keySet().stream()
                .filter(name -> MetricDirection.of(name).isPresent())
                .findFirst()
                .ifPresent(main -> ordered.put(main, metrics.get(main)));
        metrics.forEach(ordered::putIfAbsent);
        return new Found(ordered, true);
    }

    /** The pairs of a line that has nothing else; empty if it has. */
    private static LinkedHashMap<String, Double> pairs(String line) {
        if (line.length() > LONGEST_LINE) {
            return new LinkedHashMap<>();
        }
        LinkedHashMap<String, Double> signed = pairs(line, SIGNED);
        return signed.isEmpty() ? pairs(line, BLANK) : signed;
    }

    private static LinkedHashMap<String, Double> pairs(String line, Pattern form) {
        LinkedHashMap<String, Double> pairs = new LinkedHashMap<>();
        Matcher pair = form.matcher(line);
        for (int from = 0; pair.find(from); from = pair.start() + 1) {
            if (!isScore(pair)
                    || !BEFORE.matcher(line.substring(0, pair.start())).matches()) {
                continue;
            }
            int end = add(pair, pairs);
            Matcher more = form.matcher(line);
            for (int next = gap(line, end); more.region(next, line.length()).lookingAt(); next = gap(line, end)) {
                if (!isPair(more)) {
                    break;
                }
                end = add(more, pairs);
            }
            if (END.matcher(line.substring(end)).matches()) {
                return pairs;
            }
            pairs.clear();
        }
        return pairs;
    }

    private static int gap(String line, int from) {
        Matcher between = BETWEEN.matcher(line).region(from, line.length());
        return between.lookingAt() ? between.end() : from;
    }

    private static int add(Matcher pair, Map<String, Double> pairs) {
        pairs.putIfAbsent(name(pair.group(1)), PrintedNumber.of(pair.group(3)));
        return pair.end();
    }

    /** A metric's name without a number before it, as in {@code epoch 5 accuracy}: it should be the same each time. */
    private static String name(String words) {
        Matcher number = NUMBERED.matcher(words);
        return number.matches() && MetricDirection.of(number.group(1)).isPresent() ? number.group(1) : words;
    }

    /** Whether a name and a number belong together: not as in 10:30, and without a sign only where the name is a metric's. */
    private static boolean isPair(Matcher pair) {
        String name = pair.group(1);
        boolean clock = pair.group(2).equals(":")
                && Character.isDigit(name.charAt(name.length() - 1))
                && name.indexOf(' ') >= 0;
        return !clock && (!pair.group(2).isBlank() || MetricDirection.of(name).isPresent());
    }

    private static boolean isScore(Matcher pair) {
        String[] words = pair.group(1).toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+");
        return isPair(pair)
                && (MetricDirection.of(pair.group(1)).isPresent()
                        || Arrays.stream(words).noneMatch(NO_METRIC::contains));
    }

    /** The pairs of one line, and those of the lines directly before and after it. */
    private LinkedHashMap<String, Double> withNeighbours(LinkedHashMap<String, Double> pairs, int line) {
        for (int step : new int[] {1, -1}) {
            for (int i = line + step; i >= 0 && i < lines.size(); i += step) {
                Map<String, Double> others = pairs(lines.get(i).strip());
                if (others.isEmpty()) {
                    break;
                }
                others.forEach(pairs::putIfAbsent);
            }
        }
        return pairs;
    }
}
