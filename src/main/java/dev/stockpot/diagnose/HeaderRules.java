package dev.stockpot.diagnose;

import dev.stockpot.diagnose.Finding.Kind;
import dev.stockpot.run.Concern;
import dev.stockpot.soup.checks.Doubt;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What headers and settings show, as findings. */
final class HeaderRules {
    private HeaderRules() {}

    static List<Finding> findings(List<Doubt> doubts) {
        List<Finding> findings = new ArrayList<>();
        for (Doubt doubt : doubts) {
            String advice = doubt.advice();
            findings.add(new Finding(
                    kind(doubt.concern()),
                    doubt.models(),
                    doubt.text() + ".",
                    Character.toUpperCase(advice.charAt(0)) + advice.substring(1) + "."));
        }
        return findings;
    }

    private static Kind kind(Optional<Concern> concern) {
        if (concern.isEmpty()) {
            return Kind.DOUBTFUL;
        }
        return switch (concern.get()) {
            case QUANTISED -> Kind.QUANTISED;
            case ADAPTERS -> Kind.ADAPTERS;
            case PARTS -> Kind.PARTS;
            case PLACEHOLDERS -> Kind.PLACEHOLDERS;
            case CONFIGS -> Kind.CONFIGS;
            case NON_FINITE -> Kind.NOT_FINITE;
        };
    }
}
