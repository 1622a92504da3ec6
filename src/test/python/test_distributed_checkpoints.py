"""What PyTorch saves of a model that is spread over processes: said what it is, and souped once it is gathered."""

from nets import NetCase, loaded
import torch
import torch.distributed
import torch.distributed.checkpoint as checkpoint
from torch.distributed.checkpoint.format_utils import dcp_to_torch_save
from torch.distributed.tensor import DTensor, Shard, distribute_tensor, init_device_mesh


class DistributedCheckpointsTest(NetCase):
    @classmethod
    def setUpClass(cls):
        torch.distributed.init_process_group("gloo", store=torch.distributed.HashStore(), rank=0, world_size=1)
        cls.addClassCleanup(torch.distributed.destroy_process_group)

    def test_folders_of_distcp_files(self):
        folders = []
        for number, net in enumerate(self.nets):
            folders.append(f"step-{number}")
            checkpoint.save(net.state_dict(), checkpoint_id=self.folder / folders[-1])
        result = self.stockpot("uniform", "-o", "soup.pt", *folders, code=1)
        self.assertIn("dcp_to_torch", result.err)
        files = []
        for folder in folders:
            files.append(folder + ".pt")
            dcp_to_torch_save(self.folder / folder, self.folder / files[-1])
        self.stockpot("uniform", "-o", "soup.pt", *files)
        self.assert_is_average(loaded(self.load("soup.pt")))

    def test_distributed_tensors(self):
        mesh = init_device_mesh("cpu", (1,))
        files, gathered = [], []
        for number, net in enumerate(self.nets):
            state = net.state_dict()
            state["head.weight"] = distribute_tensor(state["head.weight"], mesh, [Shard(0)])
            files.append(self.save(f"{number}.pt", state))
            whole = {name: v.full_tensor() if isinstance(v, DTensor) else v for name, v in state.items()}
            gathered.append(self.save(f"whole-{number}.pt", whole))
        result = self.stockpot("uniform", "-o", "soup.pt", *files, code=1)
        self.assertIn("DTensor", result.err)
        self.assertIn("full_tensor", result.err)
        self.stockpot("uniform", "-o", "soup.pt", *gathered)
        self.assert_is_average(loaded(self.load("soup.pt")))
