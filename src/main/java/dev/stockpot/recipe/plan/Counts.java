package dev.stockpot.recipe.plan;

import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.merge.MergeMethod;

/** How many models a method takes. */
record Counts(MergeMethod method) {
    /** @throws SoupException if a tensor's inputs are not what the method takes */
    void check(Inputs inputs, String name) {
        if (method.base() == MergeMethod.Base.REQUIRED && inputs.base().isEmpty()) {
            throw new SoupException(
                    Reason.METHOD,
                    method.name() + " needs a base model",
                    Details.of().hint("the base is the model that all others were fine-tuned from"));
        }
        int count = inputs.models().size();
        if (!takes(count)) {
            throw new SoupException(
                    Reason.METHOD,
                    method.name() + " takes " + range() + " but got " + count + " for tensor " + name
                            + (inputs.base().isPresent() ? ", the base not counted" : ""),
                    Details.of().tensor(name).number("models", count));
        }
    }

    boolean takes(int count) {
        return count <= method.most() && count >= method.fewest();
    }

    private String range() {
        if (method.most() == Integer.MAX_VALUE) {
            return (method.fewest() == 1 ? "one model" : method.fewest() + " models") + " or more";
        }
        return method.most() == 1 ? "one model" : method.most() == 2 ? "two models" : method.most() + " models";
    }
}
