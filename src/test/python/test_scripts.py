"""Evaluation scripts as people have them: they load a candidate as the code that trained the ingredients loads those."""

import json
import shlex
import sys

from nets import NetCase, loaded
from soups import mean
import torch

SCORE = """
import sys
import torch

weights = LOAD
print("loaded", len(weights), "tensors")
print("accuracy: %.6f" % (1 / (1 + (weights["head.weight"] - torch.load("aim.pt")).abs().sum().item())))
"""


class ScriptsTest(NetCase):
    def setUp(self):
        super().setUp()
        with torch.no_grad():
            self.nets[2].head.weight += 1
        self.runs = []
        for epoch, net in enumerate(self.nets):
            self.runs.append(self.save(f"run-{epoch}.pt", {"epoch": epoch, "model": net.state_dict()}))
        # Nearest to it is the average of the first two, then the first.
        heads = [net.head.weight.detach() for net in self.nets]
        self.aim = (heads[0] + heads[1]) / 2 + 0.01 * (heads[0] - heads[1])
        self.save("aim.pt", self.aim)

    def evaluator(self, load):
        (self.folder / "score.py").write_text(SCORE.replace("LOAD", load))
        return f"cmd:{shlex.join([sys.executable, 'score.py'])} {{checkpoint}}"

    def score(self, state):
        return 1 / (1 + (state["head.weight"] - self.aim).abs().sum().item())

    def assert_kept_the_first_two(self, found):
        pair = mean(self.nets[:2])
        self.assertEqual(self.runs[:2], found["chosen"])
        self.assertAlmostEqual(self.score(pair), found["soup"]["score"], 5)
        for run, net in zip(found["individual"], self.nets):
            self.assertAlmostEqual(self.score(net.state_dict()), run["score"], 5)
        self.assert_is_average(loaded(self.load("soup.pt")["model"]), self.nets[:2])

    def test_a_script_that_loads_what_the_training_saved(self):
        evaluator = self.evaluator('torch.load(sys.argv[1], weights_only=True)["model"]')
        words = ["greedy", "--json", "-o", "soup.pt", "--like", self.runs[0], "--candidate-format", "like"]
        result = self.stockpot(*words, "--evaluator", evaluator, *self.runs)
        self.assert_kept_the_first_two(json.loads(result.out))

    def test_a_script_that_loads_a_state_dict(self):
        evaluator = self.evaluator("torch.load(sys.argv[1], weights_only=True)")
        words = ["evaluate", "--json", "--candidate-format", "pt", "--evaluator", evaluator]
        found = json.loads(self.stockpot(*words, self.runs[1]).out)["results"][0]
        self.assertAlmostEqual(self.score(self.nets[1].state_dict()), found["metrics"]["accuracy"], 5)
