#!/usr/bin/env python3
"""Scores the models of examples/ingredients with NumPy only, and differentiates their loss.

    stockpot greedy --evaluator "worker:python3 tools/evaluators/numpy_worker.py heldout.safetensors" ...

With a checkpoint as a second argument it scores that and exits, as a command that Stockpot runs per candidate:

    stockpot greedy --evaluator "cmd:python3 tools/evaluators/numpy_worker.py heldout.safetensors {checkpoint}" ...

The held-out file holds `inputs`, U8 [n, 1, 28, 28], and `labels`, I64 [n]. It shows what a worker needs without a
framework; for PyTorch, see torch_worker.py. The network: two 3x3 convolutions, each with ReLU and 2x2 max-pooling, and two
linear layers with a ReLU between them.
"""

import json
import sys

import numpy as np

import stockpot_worker

MEAN, DEVIATION = np.float32(0.286), np.float32(0.353)
SLICE = 256  # images at a time, so that memory does not grow with the held-out set


def convolve(x, weight, bias):
    """3x3, padded by one; x [n, h, w, c], weight [out, c, 3, 3]. Also returns the patches, which its gradient needs."""
    n, h, w, c = x.shape
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    patches = np.concatenate([padded[:, i : i + h, j : j + w] for i in range(3) for j in range(3)], axis=-1)
    return patches @ weight.transpose(2, 3, 1, 0).reshape(9 * c, -1) + bias, patches


def pool(x):
    """The largest of each 2x2 block."""
    rows = np.maximum(x[:, ::2], x[:, 1::2])
    return np.maximum(rows[:, :, ::2], rows[:, :, 1::2])


def unpool(by_pooled, x):
    """The gradient before pooling: that of a block goes to the first of its largest values."""
    n, h, w, c = by_pooled.shape
    blocks = x.reshape(n, h, 2, w, 2, c).transpose(0, 1, 3, 5, 2, 4).reshape(n, h, w, c, 4)
    by_blocks = np.zeros_like(blocks)
    np.put_along_axis(by_blocks, blocks.argmax(axis=-1)[..., None], by_pooled[..., None], axis=-1)
    return by_blocks.reshape(n, h, w, c, 2, 2).transpose(0, 1, 4, 2, 5, 3).reshape(x.shape)


def forward(net, images):
    """Logits [n, 10], and what the backward pass needs."""
    x = (images.transpose(0, 2, 3, 1).astype(np.float32) / np.float32(255) - MEAN) / DEVIATION
    x = x.astype(net["conv1.weight"].dtype)
    kept = {}
    for layer in ("conv1", "conv2"):
        x, kept[layer + ".patches"] = convolve(x, net[layer + ".weight"], net[layer + ".bias"])
        kept[layer] = np.maximum(x, 0)
        x = pool(kept[layer])
    kept["flat"] = x.transpose(0, 3, 1, 2).reshape(len(x), -1)
    kept["fc1"] = np.maximum(kept["flat"] @ net["fc1.weight"].T + net["fc1.bias"], 0)
    return kept["fc1"] @ net["fc2.weight"].T + net["fc2.bias"], kept


def backward(net, kept, by_logits):
    """Gradients with respect to the network's tensors."""
    by = {"fc2.weight": by_logits.T @ kept["fc1"], "fc2.bias": by_logits.sum(0)}
    by_fc1 = by_logits @ net["fc2.weight"] * (kept["fc1"] > 0)
    by["fc1.weight"], by["fc1.bias"] = by_fc1.T @ kept["flat"], by_fc1.sum(0)
    n, h, w, c = kept["conv2"].shape
    by_pooled = (by_fc1 @ net["fc1.weight"]).reshape(n, c, h // 2, w // 2).transpose(0, 2, 3, 1)
    for layer in ("conv2", "conv1"):
        by_conv = unpool(by_pooled, kept[layer]) * (kept[layer] > 0)
        weight = net[layer + ".weight"]
        out, c = weight.shape[:2]
        by_rows = by_conv.reshape(-1, out)
        patches = kept[layer + ".patches"].reshape(-1, 9 * c)
        by[layer + ".weight"] = (patches.T @ by_rows).reshape(3, 3, c, out).transpose(3, 2, 0, 1)
        by[layer + ".bias"] = by_rows.sum(0)
        if layer == "conv2":
            # With respect to the input: a convolution with the flipped weights.
            by_pooled, _ = convolve(by_conv, weight[:, :, ::-1, ::-1].transpose(1, 0, 2, 3), 0)
    return by


def cross_entropy(logits, labels):
    """Each example's loss, in float64, and the probabilities."""
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    sums = np.exp(shifted).sum(axis=1)
    return np.log(sums) - shifted[np.arange(len(labels)), labels], np.exp(shifted) / sums[:, None]


class FashionCnn:
    def __init__(self, path):
        data = {name: stockpot_worker.to_numpy(t) for name, t in stockpot_worker.read_safetensors(path).items()}
        self.inputs, self.labels = data["inputs"], data["labels"]

    def evaluate(self, checkpoint, batch):
        # In float32 for the whole set; in float64 for a batch, as finite differences need it.
        dtype = np.float32 if batch is None else np.float64
        net = {name: values.astype(dtype) for name, values in checkpoint.numpy().items()}
        chosen = range(len(self.labels)) if batch is None else batch.examples
        beta = 1.0 if batch is None else batch.beta
        right, loss = 0, 0.0
        for part in self.slices(chosen):
            logits, _ = forward(net, self.inputs[part])
            right += int((logits.argmax(axis=1) == self.labels[part]).sum())
            loss += cross_entropy(beta * logits, self.labels[part])[0].sum()
        return {"accuracy": right / len(chosen), "loss": loss / len(chosen)}

    def gradient(self, checkpoint, batch):
        net = {name: values.astype(np.float64) for name, values in checkpoint.numpy().items()}
        loss, by_beta, by_tensor = 0.0, 0.0, {}
        for part in self.slices(batch.examples):
            logits, kept = forward(net, self.inputs[part])
            losses, by_scaled = cross_entropy(batch.beta * logits, self.labels[part])
            by_scaled[np.arange(len(part)), self.labels[part]] -= 1
            by_scaled /= len(batch.examples)
            loss += losses.sum() / len(batch.examples)
            by_beta += (by_scaled * logits).sum()
            for name, values in backward(net, kept, batch.beta * by_scaled).items():
                by_tensor[name] = by_tensor[name] + values if name in by_tensor else values
        return loss, by_beta, by_tensor

    @staticmethod
    def slices(examples):
        return [np.array(examples[at : at + SLICE]) for at in range(0, len(examples), SLICE)]


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: numpy_worker.py HELDOUT.safetensors [CHECKPOINT]")
    cnn = FashionCnn(sys.argv[1])
    if len(sys.argv) == 3:
        print(json.dumps(cnn.evaluate(stockpot_worker.Checkpoint(sys.argv[2]), None)))
        return
    stockpot_worker.serve(
        cnn.evaluate,
        cnn.gradient,
        examples=len(cnn.labels),
        metrics=("accuracy", "loss"),
        name="numpy_worker",
        identity="heldout sha256 " + stockpot_worker.digest(sys.argv[1]),
    )


if __name__ == "__main__":
    main()
