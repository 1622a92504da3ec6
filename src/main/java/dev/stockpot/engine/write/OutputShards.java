package dev.stockpot.engine.write;

import dev.stockpot.checkpoint.Part;
import dev.stockpot.checkpoint.file.CheckpointLayout;
import dev.stockpot.checkpoint.file.FileLayout;
import dev.stockpot.engine.MixPlan;
import dev.stockpot.engine.MixTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The files of an output and what their tensors are made of, all of them or those of a part. An output is cut here alone, so
 * whoever makes a part of it makes the same bytes: with as many parts as files, each part is one file.
 *
 * @param layout the files, with the headers that they have in the whole output
 * @param tensors what is made, by name
 */
public record OutputShards(CheckpointLayout layout, Map<String, MixTensor> tensors) {
    /** Those of a part of an output, or all of it. */
    static OutputShards of(CheckpointLayout whole, Map<String, MixTensor> tensors, Optional<Part> part) {
        OutputShards all = new OutputShards(whole, tensors);
        return part.map(all::part).orElse(all);
    }

    /**
     * The files of {@code part}. They are neighbours, and parts differ by one file at most; of more parts than files, some have
     * none. The first part has the small files next to them.
     */
    public OutputShards part(Part part) {
        long count = layout.files().size();
        int from = (int) (count * (part.number() - 1) / part.of());
        int to = (int) (count * part.number() / part.of());
        return new OutputShards(
                new CheckpointLayout(
                        layout.format(),
                        layout.files().subList(from, to),
                        part.isFirst() ? layout.sideFiles() : Map.of()),
                tensors);
    }

    /** What is to be made and where; the plan's outputs are these files, in order. */
    public MixPlan plan() {
        List<MixPlan.Placed> placed = new ArrayList<>();
        for (int file = 0; file < layout.files().size(); file++) {
            for (FileLayout.Placement place : layout.files().get(file).tensors()) {
                placed.add(new MixPlan.Placed(tensors.get(place.name()), file, place.offset()));
            }
        }
        return new MixPlan(placed);
    }
}
