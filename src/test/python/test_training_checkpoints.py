"""Files that training code saves with torch.save: its own structure, and all that is in it besides weights."""

import argparse
import io

from nets import Net, NetCase, images, loaded, loss
from soups import mean
import torch
from torch import nn


def updated(optimizer, net):
    optimizer.zero_grad()
    loss(net).backward()
    optimizer.step()


class TrainingCheckpointsTest(NetCase):
    def saved(self, *checkpoints, name="run-{}.pt"):
        return [self.save(name.format(number), values) for number, values in enumerate(checkpoints)]

    def states(self):
        return [net.state_dict() for net in self.nets]

    def test_every_way_to_save_and_to_load_a_state_dict(self):
        files = self.saved(*self.states())
        torch.save(self.nets[0].state_dict(), self.folder / files[0], _use_new_zipfile_serialization=False)
        for output in ("soup.pt", "soup.pth", "soup.bin", "soup.ckpt"):
            self.stockpot("uniform", "-o", output, *files)
            self.assert_is_average(loaded(self.load(output)))
            self.assert_is_average(loaded(self.load(output, mmap=True)))

    def test_a_resumed_training_finds_its_structure_and_its_optimizer(self):
        checkpoints = []
        for epoch, net in enumerate(self.nets):
            optimizer = torch.optim.AdamW(net.parameters(), lr=0.01)
            schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=20)
            updated(optimizer, net)
            schedule.step()
            checkpoints.append(
                {
                    "epoch": epoch,
                    "model": net.state_dict(),
                    "optimizer": optimizer.state_dict(),
                    "schedule": schedule.state_dict(),
                    "random": torch.get_rng_state(),
                    "best": 0.5 + epoch,
                }
            )
        files = self.saved(*checkpoints)
        self.stockpot("uniform", "-o", "soup.pt", "--like", files[0], *files)
        found = self.load("soup.pt")
        self.assert_is_average(loaded(found["model"]))
        self.assertEqual((0, 0.5), (found["epoch"], found["best"]))
        first = checkpoints[0]["optimizer"]
        self.assertEqual(first["param_groups"], found["optimizer"]["param_groups"])
        for number, state in first["state"].items():
            self.assertSameTensors(state, found["optimizer"]["state"][number])
        # The training goes on.
        optimizer = torch.optim.AdamW(self.nets[0].parameters())
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=20)
        optimizer.load_state_dict(found["optimizer"])
        schedule.load_state_dict(found["schedule"])
        self.assertEqual(checkpoints[0]["schedule"], schedule.state_dict())
        torch.set_rng_state(found["random"])
        updated(optimizer, self.nets[0])

    def test_settings_and_scores_of_other_classes_stay(self):
        settings = argparse.Namespace(lr=0.1, layers=[1, 2], name="net", nested=argparse.Namespace(on=True))
        score = torch.tensor(0.75, dtype=torch.float64).numpy()[()]
        files = self.saved(*({"args": settings, "score": score, "model": state} for state in self.states()))
        self.stockpot("uniform", "-o", "soup.pt", "--like", files[0], *files)
        # As code does that keeps such objects in its files.
        found = torch.load(self.folder / "soup.pt", weights_only=False)
        self.assert_is_average(loaded(found["model"]))
        self.assertEqual(settings, found["args"])
        self.assertEqual(score, found["score"])

    def test_raw_and_averaged_weights_of_a_training(self):
        checkpoints = [{"model": one.state_dict(), "model_ema": other.state_dict()} for one, other in self.pairs()]
        files = self.saved(*checkpoints)
        alone = self.stockpot("uniform", "-o", "raw.pt", *files)
        self.assertRegex(alone.err, "note: .*model_ema")
        self.assert_is_average(loaded(self.load("raw.pt")))
        keys = ("--key", "model", "--key", "model_ema")
        self.stockpot("uniform", "-o", "both.pt", *keys, "--like", files[0], *files)
        found = self.load("both.pt")
        self.assert_is_average(loaded(found["model"]))
        self.assert_is_average(loaded(found["model_ema"]), [other for _, other in self.pairs()])

    def pairs(self):
        return list(zip(self.nets, self.nets[1:] + self.nets[:1]))

    def test_the_state_of_a_module_that_is_no_tensor(self):
        states = []
        for net in self.nets:
            scaled = Scaled(net)
            scaled.history = [1.0, 2.0]
            states.append(scaled.state_dict())
        files = self.saved(*states)
        plain = self.stockpot("uniform", "-o", "plain.pt", *files)
        self.assertIn("_extra_state", plain.err)
        self.stockpot("uniform", "-o", "soup.pt", "--like", files[0], *files)
        found = Scaled(Net())
        found.load_state_dict(torch.load(self.folder / "soup.pt", weights_only=False))
        self.assertEqual([1.0, 2.0], found.history)
        self.assert_is_average(found.net)

    def test_parametrized_weights(self):
        for net in self.nets:
            nn.utils.parametrizations.weight_norm(net.head)
        files = self.saved(*self.states())
        self.stockpot("uniform", "-o", "soup.pt", *files)
        found, expected = Net(), Net()
        for net, state in ((found, self.load("soup.pt")), (expected, mean(self.nets))):
            nn.utils.parametrizations.weight_norm(net.head)
            net.load_state_dict(state)
        self.assertSameOutputs(expected, found, self.nets, images())


class Scaled(nn.Module):
    """Keeps what is no tensor in its state dict, as layers with scaled arithmetic do."""

    def __init__(self, net):
        super().__init__()
        self.net = net
        self.history = []

    def get_extra_state(self):
        buffer = io.BytesIO()
        torch.save(self.history, buffer)
        return buffer

    def set_extra_state(self, buffer):
        buffer.seek(0)
        self.history = torch.load(buffer)


class TensorsTest(NetCase):
    """What state dicts hold besides plain contiguous F32."""

    def test_types_shapes_and_views(self):
        def state(number):
            table = torch.randn(6, 4)
            return {
                "transposed": torch.randn(3, 5).t(),
                "slice": table[1:4, ::2],
                "other slice": table[3:],
                "channels last": torch.randn(2, 3, 4, 4).to(memory_format=torch.channels_last),
                "scalar": torch.randn(()),
                "empty": torch.empty(0, 3),
                "half": torch.randn(7).half(),
                "brain": torch.randn(7).bfloat16(),
                "double": torch.randn(7).double(),
                "eight bits": torch.randn(7).to(torch.float8_e5m2),
                "count": torch.tensor(number),
                "mask": torch.tensor([True, False]),
                "bytes": torch.arange(5, dtype=torch.uint8),
                "parameter": nn.Parameter(torch.randn(3)),
            }

        states = [state(number) for number in range(4)]
        files = [self.save(f"{number}.pt", state) for number, state in enumerate(states)]
        self.stockpot("uniform", "-o", "soup.pt", *files)
        self.assertSameTensors(mean(states), self.load("soup.pt"))

    def test_equal_complex_constants_are_copied(self):
        angles = torch.polar(torch.ones(3, 4), torch.arange(12.0).reshape(3, 4))
        states = [{**net.state_dict(), "freqs_cis": angles} for net in self.nets]
        files = [self.save(f"{number}.pt", state) for number, state in enumerate(states)]
        self.stockpot("uniform", "-o", "soup.pt", *files)
        found = self.load("soup.pt")
        self.assertTrue(torch.equal(angles, found.pop("freqs_cis")))
        self.assert_is_average(loaded(found))

    def test_tied_parameters_stay_one(self):
        states = []
        for net in self.nets:
            state = net.state_dict()
            state["tied.weight"] = state["head.weight"]
            states.append(state)
        files = [self.save(f"{number}.pt", state) for number, state in enumerate(states)]
        self.stockpot("uniform", "-o", "soup.pt", "--like", files[0], *files)
        found = self.load("soup.pt")
        self.assertEqual(found["head.weight"].data_ptr(), found["tied.weight"].data_ptr())
        self.assertSameTensors(mean(states), found)
