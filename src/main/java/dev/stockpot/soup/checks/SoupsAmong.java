package dev.stockpot.soup.checks;

import java.util.ArrayList;
import java.util.List;

/** Soups among the ingredients, which a pattern such as {@code *.safetensors} may have caught. */
final class SoupsAmong {
    private SoupsAmong() {}

    static void check(Models models) {
        if (models.count() < 2) {
            return;
        }
        List<Integer> soups = new ArrayList<>();
        for (int model = 0; model < models.count(); model++) {
            if (models.checkpoint(model).metadata().containsKey("soup.recipe")) {
                soups.add(model);
            }
        }
        if (!soups.isEmpty()) {
            models.doubt(Doubt.warn(
                    soups,
                    (soups.size() == 1 ? "is a soup itself" : "are soups themselves")
                            + " (soup.recipe in the metadata): what is in it counts again if it is listed too",
                    "leave it out if a pattern of names has caught it"));
        }
    }
}
