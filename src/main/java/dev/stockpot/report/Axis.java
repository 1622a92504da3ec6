package dev.stockpot.report;

import dev.stockpot.text.Figures;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/** A scale from values to pixels, with ticks at round numbers. */
record Axis(double low, double high, double step) {
    private static final int TICKS = 6;

    /** An axis that covers all of {@code values}. */
    static Axis of(DoubleStream values) {
        double[] all = values.toArray();
        double low = DoubleStream.of(all).min().orElse(0);
        double high = DoubleStream.of(all).max().orElse(1);
        if (high - low < 1e-9 * Math.max(Math.abs(low), Math.abs(high)) || high == low) {
            double margin = low == 0 ? 1 : Math.abs(low) * 0.05;
            low -= margin;
            high += margin;
        }
        double step = round((high - low) / TICKS);
        return new Axis(Math.floor(low / step) * step, Math.ceil(high / step) * step, step);
    }

    /** 1, 2 or 5 times a power of ten, at least {@code rough}. */
    private static double round(double rough) {
        double power = Math.pow(10, Math.floor(Math.log10(rough)));
        for (double factor : new double[] {1, 2, 5}) {
            if (factor * power >= rough * 0.999) {
                return factor * power;
            }
        }
        return 10 * power;
    }

    List<Double> ticks() {
        List<Double> ticks = new ArrayList<>();
        int count = (int) Math.round((high - low) / step);
        for (int i = 0; i <= count; i++) {
            double tick = low + i * step;
            ticks.add(Math.abs(tick) < step * 1e-9 ? 0 : tick);
        }
        return ticks;
    }

    /** A tick with as many decimals as the step needs. */
    String label(double tick) {
        int decimals = (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
        return decimals > 6 || Math.abs(tick) >= 1e7
                ? Figures.number(tick)
                : String.format(java.util.Locale.ROOT, "%." + decimals + "f", tick);
    }

    /** The pixel of {@code value}, between {@code from} at the low end and {@code to}. */
    double pixel(double value, double from, double to) {
        return from + (value - low) / (high - low) * (to - from);
    }
}
