package dev.stockpot.soup.adapter;

import dev.stockpot.soup.options.RankReport;
import dev.stockpot.soup.options.RankReport.Module;
import java.util.ArrayList;
import java.util.List;

/** How modules were reduced; computed once they are written, or when it is asked for. */
public final class Reductions {
    /** None. */
    public static final Reductions NONE = new Reductions(List.of());

    private final List<MeanModule> modules;

    private Reductions(List<MeanModule> modules) {
        this.modules = modules;
    }

    static Reductions of(List<MeanModule> all) {
        return new Reductions(
                all.stream().filter(module -> module.reduction().isPresent()).toList());
    }

    /** What is kept of each module, and of all. */
    public RankReport report() {
        List<Module> report = new ArrayList<>();
        double all = 0;
        double kept = 0;
        for (MeanModule module : modules) {
            RankReduction.Energy energy = module.reduction().orElseThrow().energy();
            report.add(new Module(module.name(), module.fullRank(), module.rank(), energy.share()));
            all += energy.all();
            kept += energy.kept();
        }
        return new RankReport(report, all == 0 ? 1 : kept / all);
    }
}
