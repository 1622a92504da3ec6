package dev.stockpot.checkpoint.torch;

import dev.stockpot.checkpoint.file.FileSlice;
import dev.stockpot.checkpoint.file.RandomFile;
import dev.stockpot.checkpoint.spool.Spool;
import dev.stockpot.checkpoint.torch.pickle.Globals;
import dev.stockpot.checkpoint.torch.pickle.Value;
import dev.stockpot.checkpoint.torch.storage.LegacyStorages;
import dev.stockpot.checkpoint.torch.storage.Storages;
import dev.stockpot.checkpoint.torch.storage.ZipStorages;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What a PyTorch file holds before its tensors are located: the nesting of dicts, lists, values and tensors.
 *
 * @param root the object that was saved
 * @param pickleBytes the length of its pickle
 * @param storages where its storages are
 * @param code whether the file is a TorchScript archive
 * @param metadata free text stored with it
 */
record TorchStructure(Value root, long pickleBytes, Storages storages, boolean code, Map<String, String> metadata) {
    /** Reads the nesting of the open file; deflated storages have a place in {@code spool}. */
    static TorchStructure read(Path file, RandomFile channel, Spool spool) throws IOException {
        if (!startsLikeZip(channel)) {
            LegacyStorages legacy = LegacyStorages.open(file, channel);
            return new TorchStructure(legacy.root(), legacy.pickleBytes(), legacy, false, Map.of());
        }
        ZipStorages zip = ZipStorages.open(file, channel, spool);
        return new TorchStructure(
                zip.pickle(new Globals(new HashMap<>())), zip.pickleBytes(), zip, zip.holdsCode(), zip.metadata());
    }

    private static boolean startsLikeZip(RandomFile channel) throws IOException {
        byte[] start = new FileSlice(channel, 0, 2).readNBytes(2);
        return start.length == 2 && start[0] == 'P' && start[1] == 'K';
    }
}
