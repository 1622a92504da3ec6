package dev.stockpot.checkpoint.torch;

import java.nio.file.Path;
import java.util.List;

/** What a file is that PyTorch wrote but that is no model's state dict, by what it holds. */
final class OtherContents {
    private OtherContents() {}

    /**
     * What to do about it, or null if that is not known.
     *
     * @param held the keys at the top, each with what made its value if that is an object
     */
    static String hint(Path file, List<String> held) {
        String name = String.valueOf(file.getFileName());
        if (held.contains("ds_version") || held.contains("ds_config") || name.contains("zero_pp_rank_")) {
            return "DeepSpeed keeps a part of the weights in each rank's file: its zero_to_fp32.py, in the checkpoint's"
                    + " folder, makes one state dict of all parts (python zero_to_fp32.py FOLDER OUTPUT)";
        }
        for (String key : held) {
            if (hint(key) != null) {
                return hint(key);
            }
        }
        return null;
    }

    /** What to do about a class of tensors that is not known here, or null if that is not known either. */
    static String hint(String what) {
        return what.contains("DTensor")
                ? "a DTensor is one rank's part of a tensor: save what its full_tensor() returns, or the whole state dict"
                        + " (FSDP: FULL_STATE_DICT, or get_model_state_dict with full_state_dict=True), or merge a distributed"
                        + " checkpoint with torch.distributed.checkpoint.format_utils"
                : null;
    }
}
