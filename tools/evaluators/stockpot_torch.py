"""Scores and gradients of any PyTorch classifier for Stockpot; torch_worker.py shows how to use it."""

import torch
from torch.utils.data import DataLoader, Subset

import stockpot_worker


class Classifier:
    """Loads each candidate into one model and runs the held-out set through it, on a GPU if there is one.

    model: a torch.nn.Module from a batch of inputs to logits [n, classes]; its state dict has the candidates' names
    data: a torch Dataset of (input, label), label an integer
    metrics(logits, labels): returns a dict of numbers by name, the main one first, for all logits [n, classes] and
        labels [n], on the CPU. "loss", the cross-entropy, is added to it, comes last, and must not be among them.
    batch_size: examples in one forward pass
    loader_workers: processes that read the data, for data sets that decode images
    device: where the model runs; by default the first GPU, or the CPU
    """

    def __init__(self, model, data, metrics, batch_size=256, loader_workers=0, device=None):
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        # As in inference: no dropout, and the statistics of normalisation as they are in the candidate.
        self.model = model.to(self.device).eval()
        self.data = data
        self.metrics = metrics
        self.batch_size = batch_size
        self.loader_workers = loader_workers
        for parameter in self.model.parameters():
            parameter.requires_grad_(parameter.is_floating_point())

    def serve(self, name="", identity=""):
        """Answers Stockpot until it goes away. `identity` says what the scores depend on: data, model, code."""
        stockpot_worker.serve(self.evaluate, self.gradient, examples=len(self.data), name=name, identity=identity)

    def load(self, checkpoint):
        self.model.load_state_dict(checkpoint.torch())

    def evaluate(self, checkpoint, batch=None):
        self.load(checkpoint)
        beta = 1.0 if batch is None else batch.beta
        with torch.no_grad():
            passes = [(self.logits(inputs).cpu(), labels) for inputs, labels in self.passes(batch)]
        logits, labels = (torch.cat(parts) for parts in zip(*passes))
        scores = dict(self.metrics(logits, labels))
        if "loss" in scores:
            raise ValueError('metrics() returned a "loss", which is the name of the cross-entropy: give it another name')
        scores["loss"] = cross_entropy(beta * logits.double(), labels, "mean").item()
        return scores

    def gradient(self, checkpoint, batch):
        self.load(checkpoint)
        self.model.zero_grad(set_to_none=True)
        # In F64, as Stockpot sends it, and on the CPU, as not every device has F64.
        beta = torch.tensor(batch.beta, dtype=torch.float64, requires_grad=True)
        loss = 0.0
        for inputs, labels in self.passes(batch):
            scaled = beta * self.logits(inputs).cpu().double()
            part = cross_entropy(scaled, labels, "sum") / len(batch.examples)
            part.backward()
            loss += part.item()
        return loss, beta.grad.item(), self.gradients(checkpoint)

    def gradients(self, checkpoint):
        """Gradients by the candidate's names.

        A parameter with several names (tied weights) has been loaded under each in turn, so its values are those of the
        last: that one gets the gradient, and the loss does not depend on the others.
        """
        names = {}
        for name, value in self.model.state_dict(keep_vars=True).items():
            if name in checkpoint.tensors and value.grad is not None:
                names[id(value)] = name, value.grad
        return dict(names.values())

    def logits(self, inputs):
        logits = self.model(inputs.to(self.device))
        return logits if logits.dtype == torch.float64 else logits.float()

    def passes(self, batch):
        data = self.data if batch is None else Subset(self.data, batch.examples)
        return DataLoader(data, batch_size=self.batch_size, num_workers=self.loader_workers)


def cross_entropy(logits, labels, reduction):
    return torch.nn.functional.cross_entropy(logits, labels.long(), reduction=reduction)
