"""A small network, and its fine-tunes, for the tests of what training code saves."""

from soups import SoupCase, fine_tunes, mean
import torch
from torch import nn


class Net(nn.Module):
    """With a statistic of its data, and a count, as networks have them."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4)
        self.head = nn.Linear(4, 3)

    def forward(self, x):
        return self.head(self.norm(self.conv(x)).relu().mean(dim=(2, 3)))


def images(count=8):
    return torch.randn(count, 1, 6, 6)


def loss(net):
    return nn.functional.cross_entropy(net(images()), torch.randint(3, (8,)))


def loaded(state):
    """A network of a state dict, which must have all its names and no other."""
    net = Net()
    net.load_state_dict(state)
    return net


class NetCase(SoupCase):
    """Has three fine-tunes of the network."""

    def setUp(self):
        super().setUp()
        self.nets = fine_tunes(Net, loss)

    def assert_is_average(self, found, nets=None):
        """The network has the bits of the others' average, and its outputs."""
        nets = nets or self.nets
        expected = loaded(mean(nets))
        self.assertSameTensors(expected.state_dict(), found.state_dict())
        self.assertSameOutputs(expected, found, nets, images())
