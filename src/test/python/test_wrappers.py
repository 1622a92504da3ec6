"""Networks saved from within PyTorch's wrappers, which add to their names; soups of them go back where they came from."""

import copy
import re

from nets import Net, NetCase, images, loaded, loss
from soups import mean
import torch
import torch.distributed
from torch.nn.parallel import DistributedDataParallel
from torch.optim.swa_utils import AveragedModel


def plain(net):
    return net


def compiled(net):
    """Nothing is compiled before it runs."""
    return torch.compile(net)


def unwrapped(model):
    while not isinstance(model, Net):
        model = model.module if hasattr(model, "module") else model._orig_mod
    return model


WRAPPERS = {
    "module.": DistributedDataParallel,
    "_orig_mod.": compiled,
    "_orig_mod.module.": lambda net: compiled(DistributedDataParallel(net)),
    "module._orig_mod.": lambda net: DistributedDataParallel(compiled(net)),
}


class WrappersTest(NetCase):
    @classmethod
    def setUpClass(cls):
        torch.distributed.init_process_group("gloo", store=torch.distributed.HashStore(), rank=0, world_size=1)
        cls.addClassCleanup(torch.distributed.destroy_process_group)

    def saved(self, *wrappers):
        """A file for each network, with the state dict of the wrapper that it is in."""
        files = []
        for wrap, net in zip(wrappers, self.nets):
            files.append(self.save(f"{len(files)}.pt", wrap(net).state_dict()))
        return files

    def soup(self, *words):
        self.stockpot("uniform", "--force", "-o", "soup.pt", *words)
        return self.load("soup.pt")

    def test_wrapped_networks_go_back_into_the_same_wrapper(self):
        for prefix, wrap in WRAPPERS.items():
            with self.subTest(prefix):
                found = wrap(Net())
                found.load_state_dict(self.soup(*self.saved(wrap, wrap, wrap)))
                self.assert_is_average(unwrapped(found))

    def test_a_plain_network_and_wrapped_ones_make_a_plain_one(self):
        orders = [(prefix, (plain, wrap, wrap)) for prefix, wrap in WRAPPERS.items()]
        orders.append(("module.", (DistributedDataParallel, plain, DistributedDataParallel)))
        for prefix, order in orders:
            with self.subTest(prefix, plain=order.index(plain)):
                result = self.stockpot("uniform", "--force", "-o", "soup.pt", *self.saved(*order))
                self.assertRegex(result.err, f"note: .*{re.escape(prefix)}")
                self.assert_is_average(loaded(self.load("soup.pt")))

    def test_networks_wrapped_each_in_its_own_way(self):
        files = self.saved(plain, DistributedDataParallel, compiled)
        self.assert_is_average(loaded(self.soup(*files)))

    def test_a_prefix_that_one_of_them_has_not_is_taken_off_on_request(self):
        files = self.saved(plain, DistributedDataParallel, DistributedDataParallel)
        self.assert_is_average(loaded(self.soup("--strip-prefix", "module.", *files)))


class AveragedModelTest(NetCase):
    """AveragedModel keeps a count beside the names that it adds to."""

    def setUp(self):
        super().setUp()
        self.averages = [averaged(net, updates) for net, updates in zip(self.nets, (2, 2, 5))]
        self.modules = [average.module for average in self.averages]
        self.files = [
            self.save(f"average-{number}.pt", average.state_dict()) for number, average in enumerate(self.averages)
        ]

    def test_go_back_into_one(self):
        result = self.stockpot("uniform", "-o", "soup.pt", *self.files)
        self.assertIn("n_averaged", result.err, "the counts differ")
        found = AveragedModel(Net())
        found.load_state_dict(self.load("soup.pt"))
        self.assertEqual(2, found.n_averaged.item())
        self.assert_is_average(found.module, self.modules)

    def test_the_prefix_comes_off_on_request(self):
        result = self.stockpot("uniform", "-o", "soup.pt", "--strip-prefix", "module.", *self.files)
        self.assertRegex(result.err, "note: .*n_averaged.* left out")
        self.assert_is_average(loaded(self.load("soup.pt")), self.modules)

    def test_a_plain_network_and_averages_make_a_plain_one(self):
        file = self.save("plain.pt", self.nets[0].state_dict())
        self.stockpot("uniform", "-o", "soup.pt", "--on-missing", "skip", file, *self.files[1:])
        self.assert_is_average(loaded(self.load("soup.pt")), [self.nets[0], *self.modules[1:]])


def averaged(net, updates):
    average = AveragedModel(net)
    for _ in range(updates):
        average.update_parameters(net)
        net = copy.deepcopy(net)
        loss(net).backward()
        with torch.no_grad():
            for parameter in net.parameters():
                parameter -= 0.1 * parameter.grad
    return average
