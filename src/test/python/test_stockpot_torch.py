"""Tests of tools/evaluators/stockpot_torch.py; they are skipped without PyTorch."""

import math
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "tools/evaluators"))

try:
    import stockpot_torch
    import stockpot_worker
    import torch
except ImportError:
    torch = None


class Candidate:
    """As stockpot_worker.Checkpoint, of tensors in memory."""

    def __init__(self, tensors):
        self.tensors = tensors

    def torch(self):
        return self.tensors


def accuracy(logits, labels):
    return {"accuracy": (logits.argmax(dim=1) == labels).double().mean().item()}


@unittest.skipIf(torch is None, "PyTorch is not installed")
class ClassifierTest(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(7)
        self.inputs, self.labels = torch.randn(12, 4), torch.arange(12) % 4
        self.batch = stockpot_worker.Batch([3, 0, 7, 11, 2], 1.3)

    def classifier(self, model, dtype, metrics=accuracy):
        data = torch.utils.data.TensorDataset(self.inputs.to(dtype), self.labels)
        return stockpot_torch.Classifier(model.to(dtype), data, metrics, batch_size=2, device="cpu")

    def test_tied_weights_get_the_gradient_under_the_name_whose_values_count(self):
        first, second = torch.nn.Linear(4, 4), torch.nn.Linear(4, 4, bias=False)
        second.weight = first.weight
        model = torch.nn.Sequential(first, torch.nn.Tanh(), second)
        classifier = self.classifier(model, torch.float64)
        # Untied, as the soup of tied ingredients is once each tensor has its own coefficients.
        weights = {name: torch.randn(value.shape).double() for name, value in model.state_dict().items()}
        loss, _, gradient = classifier.gradient(Candidate(weights), self.batch)
        for name, value in weights.items():
            direction = torch.randn(value.shape).double()
            losses = []
            for step in (1e-6, -1e-6):
                moved = {**weights, name: value + step * direction}
                losses.append(classifier.evaluate(Candidate(moved), self.batch)["loss"])
            by = gradient.get(name, torch.zeros(())).double()
            self.assertAlmostEqual((losses[0] - losses[1]) / 2e-6, (by * direction).sum().item(), 8, name)
        self.assertAlmostEqual(loss, classifier.evaluate(Candidate(weights), self.batch)["loss"], 14)

    def test_loss_and_its_derivative_by_beta_are_in_f64(self):
        classifier = self.classifier(torch.nn.Linear(4, 4), torch.float32)
        candidate = Candidate(classifier.model.state_dict())
        # In the same slices: how many rows a product has changes the last bits of each.
        logits = [row for inputs, _ in classifier.passes(self.batch) for row in classifier.model(inputs).tolist()]
        for beta in (1.3, 1.3 + 1e-9):
            loss, by_beta = 0.0, 0.0
            for row, label in zip(logits, self.labels[self.batch.examples].tolist()):
                powers = [math.exp(beta * logit) for logit in row]
                mean = sum(power * logit for power, logit in zip(powers, row)) / sum(powers)
                loss += (math.log(sum(powers)) - beta * row[label]) / len(logits)
                by_beta += (mean - row[label]) / len(logits)
            found = classifier.gradient(candidate, stockpot_worker.Batch(self.batch.examples, beta))
            self.assertAlmostEqual(loss, found[0], 14)
            self.assertAlmostEqual(by_beta, found[1], 14)

    def test_a_metric_called_loss_is_refused(self):
        classifier = self.classifier(torch.nn.Linear(4, 4), torch.float32, lambda logits, labels: {"loss": 0.0})
        with self.assertRaisesRegex(ValueError, "another name"):
            classifier.evaluate(Candidate(classifier.model.state_dict()))


if __name__ == "__main__":
    unittest.main()
