"""What the tests with real PyTorch share: the command, fine-tunes, and their average made by hand."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
COMMAND = os.environ.get("STOCKPOT", str(ROOT / "tools/stockpot"))

# Models are made here. Nothing is asked of a hub, and gloo needs no network to find itself.
os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false", GLOO_SOCKET_IFNAME="lo")

try:
    import torch
except ImportError as error:
    raise unittest.SkipTest("PyTorch is not installed: tools/setup python") from error

torch.set_num_threads(1)


class Result:
    """What a command printed."""

    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr


class SoupCase(unittest.TestCase):
    """Has a folder for a test's files, and runs the command there."""

    def setUp(self):
        torch.manual_seed(20)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stockpot-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def stockpot(self, *words, code=0):
        """Runs the command in the test's folder; it must exit with the code."""
        words = [COMMAND, *map(str, words)]
        done = subprocess.run(words, cwd=self.folder, capture_output=True, text=True, timeout=300)
        self.assertEqual(code, done.returncode, f"{' '.join(words)}\n{done.stdout}{done.stderr}")
        return Result(done)

    def save(self, name, values):
        """torch.save to a file of the test's folder; the file's name, for the command."""
        torch.save(values, self.folder / name)
        return name

    def load(self, name, **options):
        """torch.load, which by default takes nothing but data."""
        return torch.load(self.folder / name, weights_only=True, **options)

    def assertSameTensors(self, expected, found):
        """The same names, types, shapes and bits."""
        self.assertEqual(sorted(expected), sorted(found))
        for name, values in expected.items():
            self.assertEqual((values.dtype, values.shape), (found[name].dtype, found[name].shape), name)
            same = torch.equal(bits(values), bits(found[name]))
            self.assertTrue(same, f"{name}: expected {values}, found {found[name]}")

    def assertSameOutputs(self, expected, found, others, *inputs, **more):
        """Two models give the same outputs, which none of the others does: they are no copies."""
        outputs = logits(expected, *inputs, **more)
        self.assertTrue(torch.equal(outputs, logits(found, *inputs, **more)))
        for other in others:
            self.assertGreater((outputs - logits(other, *inputs, **more)).abs().max().item(), 1e-4)


def bits(values):
    return values.detach().contiguous().reshape(-1).view(torch.uint8)


def logits(model, *inputs, **more):
    with torch.no_grad():
        outputs = model.eval()(*inputs, **more)
    return outputs if torch.is_tensor(outputs) else outputs[0]


def fine_tunes(make, loss, count=3):
    """Models that begin alike, each trained for some steps on data of its own.

    make(): a model, with random weights; loss(model): of random data
    """
    models = [make()]
    models += [make() for _ in range(count - 1)]
    for model in models:
        model.load_state_dict(models[0].state_dict())
    for model in models:
        optimizer = torch.optim.AdamW(model.parameters(), lr=0.02)
        model.train()
        for _ in range(3):
            optimizer.zero_grad()
            loss(model).backward()
            optimizer.step()
    return models


def mean(models, dtype=None):
    """The average that docs/numbers.md defines, of state dicts or models, as a state dict.

    In F64 where one is F32 or F64, in F32 otherwise, in order, with one division and one rounding; what is not a float is
    the first's.
    """
    states = [model if isinstance(model, dict) else model.state_dict() for model in models]
    average = {}
    for name, first in states[0].items():
        values = [state[name].detach() for state in states]
        if not first.is_floating_point():
            average[name] = first
            continue
        double = any(value.dtype in (torch.float32, torch.float64) for value in values)
        total = values[0].to(torch.float64 if double else torch.float32)
        for value in values[1:]:
            total = total + value.to(total.dtype)
        average[name] = rounded(total / len(values), dtype or first.dtype)
    return average


def rounded(values, dtype):
    """To nearest even, once: PyTorch takes F64 to BF16 by way of F32, and rounds twice."""
    if values.dtype == torch.float64 and dtype == torch.bfloat16:
        pattern = values.view(torch.int64)
        pattern = pattern + (1 << 44) - 1 + ((pattern >> 45) & 1)
        values = (pattern >> 45 << 45).view(torch.float64)
    return values.to(dtype)
