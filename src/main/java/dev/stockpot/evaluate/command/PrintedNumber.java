package dev.stockpot.evaluate.command;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number as programs print it: plain, in percent, as a fraction, or as NumPy and PyTorch show one. */
final class PrintedNumber {
    private static final String PLAIN =
            "[+-]?(?:(?:\\d+(?:\\.\\d*)?|\\.\\d+)(?:[eE][+-]?\\d+)?|(?i:nan|inf(?:inity)?))(?![\\p{L}\\p{N}_])";

    /** As a regular expression without groups: such as 0.93, 93%, 93/100, tensor(0.93, device='cuda:0'). */
    static final String FORM = "(?:" + PLAIN + "(?:\\s?/\\s?" + PLAIN + ")?(?:\\s?%)?"
            + "|(?:tensor|array|(?:np|numpy)\\.\\w+)\\(" + PLAIN + "(?:,[^()]*)?\\))";

    private static final Pattern NUMBER = Pattern.compile(PLAIN);
    private static final Pattern WHOLE = Pattern.compile(FORM);

    private PrintedNumber() {}

    /** The value of a plain number, NaN and infinities included; null if the text is none. */
    static Double parse(String text) {
        if (!NUMBER.matcher(text).matches()) {
            return null;
        }
        String lower = text.toLowerCase(Locale.ROOT);
        if (lower.endsWith("nan")) {
            return Double.NaN;
        }
        boolean infinite = lower.contains("inf");
        return infinite
                ? (lower.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY)
                : Double.valueOf(text);
    }

    /** The value of a number of any form; a percentage is a hundredth, a fraction its quotient. Null if the text is none. */
    static Double of(String text) {
        if (!WHOLE.matcher(text).matches()) {
            return null;
        }
        Matcher numbers = NUMBER.matcher(text.substring(text.indexOf('(') + 1));
        numbers.find();
        double value = parse(numbers.group());
        if (text.indexOf('(') < 0 && text.indexOf('/') > 0) {
            numbers.find();
            value /= parse(numbers.group());
        }
        return text.endsWith("%") ? value / 100 : value;
    }
}
