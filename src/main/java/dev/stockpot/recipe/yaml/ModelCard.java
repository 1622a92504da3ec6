package dev.stockpot.recipe.yaml;

/** A model card, the README.md of a model: those of merges show their recipe in a block of code. */
final class ModelCard {
    private static final String FENCE = "```";

    private ModelCard() {}

    /** The first block that is a recipe, at its lines: all others are empty. */
    static String recipe(String card) {
        StringBuilder text = new StringBuilder();
        StringBuilder block = new StringBuilder();
        boolean inside = false;
        for (String line : card.split("\n", -1)) {
            if (line.strip().startsWith(FENCE)) {
                if (inside && (block.indexOf("\nmerge_method:") >= 0 || block.indexOf("merge_method:") == 0)) {
                    return text.append(block).toString();
                }
                text.append(
                        "\n".repeat((int) block.chars().filter(c -> c == '\n').count()));
                text.append('\n');
                block.setLength(0);
                inside = !inside;
            } else {
                (inside ? block.append(line) : text).append('\n');
            }
        }
        return "";
    }
}
