package dev.stockpot.cli.options;

import dev.stockpot.soup.options.Order;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Parses the order in which ingredients are tried. */
public final class OrderConverter implements ITypeConverter<Order> {
    @Override
    public Order convert(String text) {
        if (text.equals("score")) {
            return Order.BY_SCORE;
        }
        if (text.equals("given")) {
            return Order.GIVEN;
        }
        if (text.matches("random:-?\\d{1,18}")) {
            return new Order.Shuffled(Long.parseLong(text.substring("random:".length())));
        }
        throw new TypeConversionException("should be score, given or random:SEED but got '" + text + "'");
    }
}
