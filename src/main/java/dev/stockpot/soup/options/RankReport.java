package dev.stockpot.soup.options;

import java.util.List;

/**
 * What reducing the rank of averaged adapters has left of them. Energy is the sum of the squares of a change's elements, which are
 * those of its singular values.
 *
 * @param modules that were reduced
 * @param kept the share of the energy of all of them together that is kept, in [0, 1]
 */
public record RankReport(List<Module> modules, double kept) {
    /**
     * One module.
     *
     * @param name of the module in the model
     * @param ranks the ranks of the ingredients together
     * @param rank of the result
     * @param kept the share of its energy that is kept, in [0, 1]
     */
    public record Module(String name, int ranks, int rank, double kept) {}

    public RankReport {
        modules = List.copyOf(modules);
    }
}
