"""Checkpoints as training code writes them, with objects beside the weights.

    python3 torch_objects.py make FOLDER          writes them, two of each kind
    python3 torch_objects.py check A B OUT KEY..  fails unless OUT is A, but for the mappings under the keys, which are
                                                  the means of those of A and B
"""

import argparse
import collections
import dataclasses
import datetime
import enum
import io
import pathlib
import sys
import types

import numpy as np
import torch


class Mode(enum.Enum):
    TRAIN = 1
    TEST = "test"


class Outer:
    class Inner(enum.Enum):
        ONLY = 1


@dataclasses.dataclass
class Config:
    layers: int
    name: str


Point = collections.namedtuple("Point", "x y")


class Settings(dict):
    """A dict with attributes of its own, as configuration libraries have."""

    def __init__(self, **items):
        super().__init__(**items)
        self.frozen = True


class HistoryBuffer:
    """Scalars over time, with functions by name, as MMEngine keeps them."""

    def __init__(self):
        self.log = np.arange(3.0)
        self.statistics = {"mean": HistoryBuffer.mean}

    def mean(self):
        return self.log.mean()


def model(seed, *shapes):
    generator = torch.Generator().manual_seed(seed)
    return collections.OrderedDict((f"{k}.weight", torch.randn(*s, generator=generator)) for k, s in enumerate(shapes))


def optimizer(seed):
    return {"state": {0: {"step": torch.tensor(3.0), "exp_avg": model(seed, (2, 3))["0.weight"]}},
            "param_groups": [{"lr": 0.1, "betas": (0.9, 0.999), "params": [0]}]}


def fairseq(i):
    args = argparse.Namespace(arch="transformer", max_epoch=3, lr=[1e-3], mode=Mode.TEST, device=torch.device("cpu"))
    return {"args": args, "cfg": Config(6, "base"), "model": model(i, (4, 3)), "best": np.float64(0.25),
            "extra_state": {"epoch": 3, "when": datetime.datetime(2024, 1, 2, 3, 4), "took": datetime.timedelta(hours=1),
                            "path": pathlib.PurePosixPath("/data/run"), "history": np.arange(6, dtype="f4").reshape(2, 3)},
            "recent": collections.deque([1, 2], 5), "counts": collections.defaultdict(list, {"a": [1]}),
            "names": types.SimpleNamespace(a=1), "frozen": frozenset([1, 2]), "complex": 1 + 2j, "bytes": bytearray(b"ab"),
            "point": Point(1, 2), "by_mode": {Mode.TRAIN: 1, (1, (2, 3)): 4}, "inner": Outer.Inner.ONLY,
            "settings": Settings(a=1), "mode": Mode.TEST, "class": Config, "generator": np.random.RandomState(1).get_state()[2:]}


def timm(i):
    return {"epoch": 3, "arch": "resnet", "state_dict": model(i, (2, 3), (3,)), "state_dict_ema": model(i + 10, (2, 3), (3,)),
            "optimizer": optimizer(i), "args": argparse.Namespace(lr=0.1), "metric": np.float32(0.5)}


def opennmt(i):
    return {"model": collections.OrderedDict(("encoder." + k, t) for k, t in model(i, (2, 3)).items()),
            "generator": model(i + 20, (5, 3)), "vocab": {"src": ["a", "b"]}, "opt": argparse.Namespace(layers=6),
            "optim": {"training_step": 5, "optimizer": optimizer(i)}}


def lightning(i):
    callbacks = {"ModelCheckpoint{'monitor': 'loss'}": {"best_model_score": torch.tensor(0.5 * i), "dirpath": pathlib.PurePosixPath("x")}}
    return {"epoch": 1, "state_dict": collections.OrderedDict(("model." + k, t) for k, t in model(i, (2, 3)).items()),
            "callbacks": callbacks, "optimizer_states": [optimizer(i)], "hyper_parameters": {"lr": 0.1, "mode": Mode.TRAIN}}


def mmengine(i):
    hub = {"log_scalars": collections.OrderedDict(loss=HistoryBuffer()), "runtime_info": {"loss": np.float64(1)}}
    return {"meta": {"epoch": 1}, "state_dict": model(i, (2, 3)), "message_hub": hub}


def transformer_engine(i):
    weights = model(i, (2, 3))
    weights["0._extra_state"] = io.BytesIO(b"scales")
    weights["1._extra_state"] = torch.full((3,), i, dtype=torch.uint8)
    weights["scale"] = 0.5 * i
    return {"model": weights}


def arrays(i):
    numbers = np.arange(6).reshape(2, 3) * i
    return collections.OrderedDict(
        little=numbers.astype("<f4"), big=numbers.astype(">f8"), columns=np.asfortranarray(numbers.astype("f2")),
        none=np.zeros((0, 3), "f4"), counts=numbers, words=np.array(["a"]), scalar=np.float32(3))


KINDS = (fairseq, timm, opennmt, lightning, mmengine, transformer_engine, arrays)


def make(folder):
    for kind in KINDS:
        for i in (1, 2):
            torch.save(kind(i), f"{folder}/{kind.__name__}_{i}.pt")
    torch.save(fairseq(1), f"{folder}/fairseq_protocol4.pt", pickle_protocol=4)
    torch.save(arrays(1), f"{folder}/arrays_protocol5.pt", pickle_protocol=5)


def check(a, b, out, keys, path=""):
    """Compares value by value; raises AssertionError where one differs."""
    assert type(a) is type(out), f"{path}: {type(a)} became {type(out)}"
    if isinstance(a, torch.Tensor):
        averaged = a.is_floating_point() and any(path.startswith(f".{key}.") for key in keys)
        expected = ((a.double() + b.double()) / 2).to(a.dtype) if averaged else a
        assert torch.equal(out, expected), f"{path}: {out} instead of {expected}"
    elif isinstance(a, np.ndarray):
        assert a.dtype == out.dtype and np.array_equal(a, out), path
    elif isinstance(a, dict):
        assert list(a) == list(out), f"{path}: {list(a)} became {list(out)}"
        for key in a:
            check(a[key], b[key], out[key], keys, f"{path}.{key}")
        assert getattr(a, "default_factory", None) == getattr(out, "default_factory", None), path
    elif isinstance(a, (list, tuple, collections.deque)):
        assert len(a) == len(out) and getattr(a, "maxlen", 0) == getattr(out, "maxlen", 0), path
        for k, item in enumerate(a):
            check(item, b[k], out[k], keys, f"{path}.{k}")
    elif isinstance(a, io.BytesIO):
        assert a.getvalue() == out.getvalue(), path
    elif not isinstance(a, (enum.Enum, type, types.FunctionType)) and hasattr(a, "__dict__"):
        check(a.__dict__, b.__dict__, out.__dict__, keys, path)
    else:
        assert a == out, f"{path}: {a} became {out}"


def main(command, *arguments):
    if command == "make":
        make(*arguments)
    else:
        a, b, out = (torch.load(file, weights_only=False) for file in arguments[:3])
        check(a, b, out, arguments[3:])


if __name__ == "__main__":
    import torch_objects  # So that pickles name this module, and not __main__.

    torch_objects.main(*sys.argv[1:])
