"""The workers of tools/evaluators, run by the command, against the same network written out with PyTorch's functions."""

import json
import shlex
import sys
import unittest

from soups import ROOT, SoupCase, mean
import torch
from torch.nn import functional

try:
    import safetensors.torch
except ImportError as error:
    raise unittest.SkipTest("safetensors is not installed: tools/setup python") from error

EVALUATORS = ROOT / "tools/evaluators"
sys.path.insert(0, str(EVALUATORS))
import numpy_worker
import stockpot_torch
import stockpot_worker
import torch_worker

WORKERS = "numpy_worker.py", "torch_worker.py"
INGREDIENTS = [ROOT / f"examples/ingredients/model_0{number}.safetensors" for number in (3, 2, 5)]
EXAMPLES = 120


def network(state, images):
    """Logits, in the type of the weights."""
    x = (images.to(state["fc1.weight"].dtype) / 255 - 0.286) / 0.353
    for layer in ("conv1", "conv2"):
        x = functional.conv2d(x, state[layer + ".weight"], state[layer + ".bias"], padding=1)
        x = functional.max_pool2d(x.relu(), 2)
    x = functional.linear(x.flatten(1), state["fc1.weight"], state["fc1.bias"]).relu()
    return functional.linear(x, state["fc2.weight"], state["fc2.bias"])


def double(state):
    return {name: values.double() for name, values in state.items()}


class WorkersTest(SoupCase):
    def setUp(self):
        super().setUp()
        data = safetensors.torch.load_file(ROOT / "src/test/resources/evaluate/heldout.safetensors")
        self.images, self.labels = (data[name][:EXAMPLES].contiguous() for name in ("inputs", "labels"))
        self.heldout = self.folder / "held out.safetensors"
        safetensors.torch.save_file({"inputs": self.images, "labels": self.labels}, self.heldout)
        self.states = [safetensors.torch.load_file(file) for file in INGREDIENTS]

    def command(self, worker):
        """Its command line; in one thread, as two processes share a small machine."""
        words = ["env", "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1", sys.executable, "-B", EVALUATORS / worker, self.heldout]
        return shlex.join(map(str, words))

    def assert_scores(self, state, scores):
        logits = network(double(state), self.images)
        right = (logits.argmax(1) == self.labels).sum().item()
        self.assertEqual(right / EXAMPLES, scores["accuracy"])
        self.assertAlmostEqual(functional.cross_entropy(logits, self.labels).item(), scores["loss"], 6)

    def test_scores_are_those_of_the_network(self):
        specs = ["worker:" + self.command(worker) for worker in WORKERS]
        specs.append(f"cmd:{self.command('numpy_worker.py')} {{checkpoint}}")
        for spec in specs:
            with self.subTest(spec[:3], worker="torch" in spec):
                result = self.stockpot("evaluate", "--json", "--evaluator", spec, *INGREDIENTS)
                found = json.loads(result.out)["results"]
                self.assertEqual(len(INGREDIENTS), len(found))
                for state, scored in zip(self.states, found):
                    self.assert_scores(state, scored["metrics"])

    def test_a_greedy_soup_keeps_what_the_network_scores_higher(self):
        for worker in WORKERS:
            with self.subTest(worker):
                spec = "worker:" + self.command(worker)
                words = ["greedy", "--json", "-o", f"{worker}.safetensors", "--metric", "loss", "--minimize"]
                result = json.loads(self.stockpot(*words, "--evaluator", spec, *INGREDIENTS).out)
                kept, best, chosen = [], float("inf"), []
                by_loss = sorted(range(len(self.states)), key=lambda number: self.loss(self.states[number]))
                for number in by_loss:
                    loss = self.loss(mean([self.states[other] for other in kept + [number]]))
                    if loss < best:
                        kept, best = kept + [number], loss
                        chosen.append(str(INGREDIENTS[number]))
                self.assertEqual(chosen, [str(name) for name in result["chosen"]])
                self.assertAlmostEqual(best, result["soup"]["score"], 6)
                soup = safetensors.torch.load_file(self.folder / f"{worker}.safetensors")
                self.assertSameTensors(mean([self.states[number] for number in kept]), soup)

    def loss(self, state):
        return functional.cross_entropy(network(double(state), self.images), self.labels).item()

    def test_a_learned_soup_is_what_pytorch_learns(self):
        expected = self.learned_by_hand(epochs=3, batch=40)
        for worker in WORKERS:
            with self.subTest(worker):
                result = self.learned(worker, "--epochs", "3", "--batch-size", "40", "--no-shuffle")
                alpha, beta, losses = expected
                self.assertEqual(len(losses), len(result["step_losses"]))
                for by_hand, found in zip(losses, result["step_losses"]):
                    self.assertAlmostEqual(by_hand, found, 5)
                for by_hand, found in zip(alpha, result["alpha"][0]):
                    self.assertAlmostEqual(by_hand, found, 4)
                self.assertAlmostEqual(beta, result["beta"], 4)
                self.assertGreater(max(alpha) - min(alpha), 0.1)
                self.assert_learned(worker, result)

    def assert_learned(self, worker, result):
        """The soup's weights are those of its coefficients, and its score is theirs."""
        soup = safetensors.torch.load_file(self.folder / f"{worker}.safetensors")
        for name, values in soup.items():
            terms = [alpha * state[name].double() for alpha, state in zip(result["alpha"][0], self.states)]
            self.assertTrue(torch.allclose(sum(terms), values.double(), rtol=2e-7, atol=1e-9), name)
        self.assertEqual(
            (network(double(soup), self.images).argmax(1) == self.labels).sum().item() / EXAMPLES,
            result["soup"]["score"],
        )

    def learned(self, worker, *more):
        words = ["learned", "--json", "--keep-worse", "-o", f"{worker}.safetensors"]
        words += ["--evaluator", "worker:" + self.command(worker), *more, *INGREDIENTS]
        return json.loads(self.stockpot(*words).out)

    def learned_by_hand(self, epochs, batch):
        """By PyTorch's optimizer and derivatives alone."""
        raw = torch.ones(len(self.states), dtype=torch.float64, requires_grad=True)
        beta = torch.ones((), dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.AdamW([raw, beta], lr=0.05, weight_decay=0)
        states, losses = [double(state) for state in self.states], []
        for _ in range(epochs):
            for images, labels in zip(self.images.split(batch), self.labels.split(batch)):
                alpha = raw.softmax(0)
                soup = {name: sum(a * state[name] for a, state in zip(alpha, states)) for name in states[0]}
                loss = functional.cross_entropy(beta * network(soup, images), labels)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
        return raw.softmax(0).tolist(), beta.item(), losses


class GradientsTest(unittest.TestCase):
    """Of the workers' own functions, against PyTorch's and against finite differences."""

    def setUp(self):
        file = ROOT / "src/test/resources/evaluate/heldout.safetensors"
        self.batch = stockpot_worker.Batch([7, 0, 33, 12, 7], 1.3)
        data = safetensors.torch.load_file(file)
        self.images, self.labels = (data[name][self.batch.examples] for name in ("inputs", "labels"))
        self.state = safetensors.torch.load_file(INGREDIENTS[0])
        dataset = torch.utils.data.TensorDataset(data["inputs"], data["labels"])
        self.workers = {
            "numpy": (numpy_worker.FashionCnn(file), 1e-6),
            "torch": (stockpot_torch.Classifier(torch_worker.Cnn(), dataset, torch_worker.metrics, device="cpu"), 1e-5),
        }

    def gradients(self, worker):
        loss, by_beta, by_tensor = worker.gradient(stockpot_worker.Checkpoint(str(INGREDIENTS[0])), self.batch)
        return loss, by_beta, {name: torch.as_tensor(values).double() for name, values in by_tensor.items()}

    def loss(self, state, beta):
        return functional.cross_entropy(beta * network(state, self.images), self.labels)

    def test_are_those_of_autograd(self):
        state = {name: values.requires_grad_() for name, values in double(self.state).items()}
        beta = torch.tensor(self.batch.beta, dtype=torch.float64, requires_grad=True)
        expected = self.loss(state, beta)
        expected.backward()
        for name, (worker, tolerance) in self.workers.items():
            with self.subTest(name):
                loss, by_beta, by_tensor = self.gradients(worker)
                self.assertAlmostEqual(expected.item(), loss, delta=tolerance)
                self.assertAlmostEqual(beta.grad.item(), by_beta, delta=tolerance)
                self.assertEqual(sorted(state), sorted(by_tensor))
                for tensor, values in by_tensor.items():
                    difference = (state[tensor].grad - values).abs().max() / state[tensor].grad.abs().max()
                    self.assertLess(difference.item(), tolerance, tensor)

    def test_are_the_slopes_of_the_loss(self):
        for name, (worker, tolerance) in self.workers.items():
            _, by_beta, by_tensor = self.gradients(worker)
            state = double(self.state)
            for tensor, values in state.items():
                with self.subTest(name, tensor=tensor):
                    direction = torch.randn(values.shape, dtype=torch.float64)
                    ends = [
                        self.loss({**state, tensor: values + step * direction}, self.batch.beta).item()
                        for step in (1e-7, -1e-7)
                    ]
                    slope = (by_tensor[tensor] * direction).sum().item()
                    self.assertAlmostEqual((ends[0] - ends[1]) / 2e-7, slope, delta=max(1e-6, 10 * tolerance))
            ends = [self.loss(state, self.batch.beta + step).item() for step in (1e-6, -1e-6)]
            self.assertAlmostEqual((ends[0] - ends[1]) / 2e-6, by_beta, delta=max(1e-7, tolerance))
