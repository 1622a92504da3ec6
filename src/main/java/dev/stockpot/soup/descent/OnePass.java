package dev.stockpot.soup.descent;

import dev.stockpot.engine.Average;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.pass.TensorGradient;
import dev.stockpot.engine.write.CandidateFile;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.GradientEvaluator.Gradient;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.soup.search.CandidateFiles;
import dev.stockpot.soup.search.SoupCandidate;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the ingredients once per step: if each tensor has its own coefficients, these can be moved as soon as its dot
 * products are ready, and the tensor mixed for the next candidate while its sources are still in memory. The candidate is in
 * a file for that. For ingredients that do not fit into memory.
 */
public final class OnePass implements DescentPass {
    private final WeightedSoup soup;
    private final Engine engine;
    private final CandidateFiles files;
    private CandidateFile file;
    private Coefficients inFile;

    public OnePass(WeightedSoup soup, Engine engine, CandidateFiles files) {
        this.soup = soup;
        this.engine = files.mixing(engine);
        this.files = files;
    }

    @Override
    public Candidate candidate(String name, Coefficients at) throws InterruptedException {
        if (at != inFile) {
            List<MixTensor> tensors = soup.tensors(at);
            if (file == null) {
                Path path = files.fresh(".safetensors");
                file = CandidateFile.create(path, tensors);
            }
            file.mix(tensors, engine);
            inFile = at;
        }
        return new SoupCandidate(name, Mixture.asItIs(file.checkpoint()), engine, files);
    }

    @Override
    public Coefficients step(Gradient gradient, Coefficients at, AdamW optimizer) throws InterruptedException {
        List<TensorGradient> gradients = soup.gradients(gradient.byTensor());
        double[] moved = at.parameters();
        int count = at.ingredients();
        optimizer.begin();
        optimizer.move(moved, new double[] {gradient.byBeta()}, moved.length - 1);
        Set<Integer> done = new HashSet<>();
        file.multiplyThenMix(
                gradients,
                (tensor, dots) -> {
                    int group = soup.group(gradients.get(tensor).name());
                    optimizer.move(moved, at.byRaw(group, dots), group * count);
                    done.add(group);
                    return Optional.of(new Average(at.with(moved).alpha(group), 1));
                },
                engine);
        for (int group = 0; group < at.groups(); group++) {
            if (!done.contains(group)) {
                optimizer.move(moved, at.byRaw(group, new double[count]), group * count);
            }
        }
        Coefficients next = at.with(moved);
        List<MixTensor> others = new ArrayList<>(soup.tensors(next));
        others.removeIf(t -> !soup.isWeighted(t.name()) || done.contains(soup.group(t.name())));
        file.mix(others, engine);
        inFile = next;
        return next;
    }

    @Override
    public void close() {
        if (file != null) {
            file.close();
        }
    }
}
