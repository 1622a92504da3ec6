#!/usr/bin/env python3
"""A worker for PyTorch models: copy it with stockpot_worker.py and stockpot_torch.py, and fill in the three functions.

    stockpot greedy --evaluator "worker:python3 torch_worker.py heldout.safetensors" -o soup.safetensors ...

As it stands, it scores the models of examples/ingredients; their held-out file holds `inputs`, U8 [n, 1, 28, 28], and
`labels`, I64 [n].
"""

import sys

import stockpot_torch
import stockpot_worker
import torch
from torch import nn


class Cnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 16, 3, padding=1), nn.Conv2d(16, 32, 3, padding=1)
        self.fc1, self.fc2 = nn.Linear(32 * 7 * 7, 48), nn.Linear(48, 10)

    def forward(self, x):
        x = (x.float() / 255 - 0.286) / 0.353
        x = nn.functional.max_pool2d(self.conv1(x).relu(), 2)
        x = nn.functional.max_pool2d(self.conv2(x).relu(), 2)
        return self.fc2(self.fc1(x.flatten(1)).relu())


def model():
    return Cnn()


def data():
    heldout = stockpot_worker.Checkpoint(sys.argv[1]).torch()
    return torch.utils.data.TensorDataset(heldout["inputs"], heldout["labels"])


def metrics(logits, labels):
    return {"accuracy": (logits.argmax(dim=1) == labels).double().mean().item()}


if __name__ == "__main__":
    identity = "heldout sha256 " + stockpot_worker.digest(sys.argv[1])
    stockpot_torch.Classifier(model(), data(), metrics).serve("torch_worker", identity)
