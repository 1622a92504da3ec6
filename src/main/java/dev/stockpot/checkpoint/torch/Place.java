package dev.stockpot.checkpoint.torch;

/**
 * A place among the weights of a file.
 *
 * @param name the keys from their mapping, joined with dots
 * @param mark what marks the names of that mapping
 */
record Place(String name, String mark) {
    Place under(String key) {
        return new Place(name.isEmpty() ? key : name + "." + key, mark);
    }
}
