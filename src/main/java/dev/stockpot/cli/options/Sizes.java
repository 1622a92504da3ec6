package dev.stockpot.cli.options;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Byte counts as people write them: decimal units, as disks and the Hub use, or binary ones such as GiB. */
public final class Sizes implements ITypeConverter<Long> {
    private static final Pattern SIZE =
            Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([KMGT]?)(I?)B?", Pattern.CASE_INSENSITIVE);

    @Override
    public Long convert(String text) {
        Matcher matcher = SIZE.matcher(text.trim());
        if (!matcher.matches()) {
            throw new TypeConversionException("'" + text + "' is not a size such as 5GB, 500MB or 2GiB");
        }
        int power = "KMGT".indexOf(matcher.group(2).toUpperCase(Locale.ROOT)) + 1;
        power = matcher.group(2).isEmpty() ? 0 : power;
        double unit = Math.pow(matcher.group(3).isEmpty() ? 1000 : 1024, power);
        double bytes = Double.parseDouble(matcher.group(1)) * unit;
        if (bytes < 1 || bytes > 1e18) {
            throw new TypeConversionException("'" + text + "' is not between 1 byte and 1 EB");
        }
        return (long) bytes;
    }
}
