package dev.stockpot.cli.options;

import dev.stockpot.soup.options.MatchOptions;
import dev.stockpot.soup.options.OnMissing;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How tensors are matched where ingredients differ: the options of the commands that mix them, but for --on-missing. */
public final class MatchingOptions {
    @Option(
            names = "--exclude",
            paramLabel = "REGEX",
            converter = Regex.class,
            description = "Leave out the tensors whose names match anywhere. Repeatable.")
    private List<Pattern> exclude = new ArrayList<>();

    @Option(
            names = "--take-first",
            paramLabel = "REGEX",
            converter = Regex.class,
            description = "Copy the tensors whose names match from the first ingredient instead of averaging them."
                    + " Repeatable.")
    private List<Pattern> takeFirst = new ArrayList<>();

    @Option(
            names = "--common-rows",
            paramLabel = "REGEX",
            converter = Regex.class,
            description =
                    "Where names match, allow first dimensions to differ (vocabularies): average each row over the"
                            + " ingredients that have it. Repeatable.")
    private List<Pattern> commonRows = new ArrayList<>();

    /** How to match tensors, with {@code onMissing} for those that some lack. */
    public MatchOptions matching(OnMissing onMissing) {
        MatchOptions.Builder options = MatchOptions.builder().onMissing(onMissing);
        for (Pattern pattern : exclude) {
            options.exclude(pattern);
        }
        for (Pattern pattern : takeFirst) {
            options.takeFirst(pattern);
        }
        for (Pattern pattern : commonRows) {
            options.commonRows(pattern);
        }
        return options.build();
    }

    /** Parses a regular expression. */
    static final class Regex implements ITypeConverter<Pattern> {
        @Override
        public Pattern convert(String text) {
            try {
                return Pattern.compile(text);
            } catch (PatternSyntaxException e) {
                throw new TypeConversionException(
                        "should be a regular expression but got '" + text + "': " + e.getDescription());
            }
        }
    }
}
