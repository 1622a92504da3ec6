package dev.stockpot.soup.options;

/** How LoRA adapters are averaged. */
public enum AdapterWay {
    /** Exactly: the change of the result is the average of their changes; its rank is the sum of their ranks, or a given one. */
    EXACT,
    /** Their factors A and B apart: the rank stays, but the product of the averages is not the average of the products. */
    FACTORS
}
