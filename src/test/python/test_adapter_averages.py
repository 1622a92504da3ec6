"""Averages of adapters of PEFT: loaded by PeftModel, whose changes are the averages of theirs."""

import copy
import json
import shutil
import unittest

from test_pretrained import gpt2, llama, tokens
from soups import SoupCase, logits
import torch

try:
    import peft
    import safetensors.torch
except ImportError as error:
    raise unittest.SkipTest("PEFT is not installed: tools/setup python") from error

GPT2 = {"r": 2, "lora_alpha": 4, "target_modules": ["c_attn"], "fan_in_fan_out": True}


class Layer(torch.nn.Module):
    """Linear in what adapters change."""

    def __init__(self):
        super().__init__()
        self.words, self.mix, self.head = torch.nn.Embedding(11, 6), torch.nn.Linear(6, 8), torch.nn.Linear(8, 3)

    def forward(self, x):
        return self.mix(self.words(x))


class AverageTest(SoupCase):
    """Averages of adapters, whose changes are the averages of theirs."""

    def adapters(self, make, *settings):
        """Saves one adapter of random numbers for each; the models that have them."""
        models = []
        self.base = make()
        for number, each in enumerate(settings):
            model = peft.get_peft_model(copy.deepcopy(self.base), peft.LoraConfig(**each))
            with torch.no_grad():
                for values in model.parameters():
                    if values.requires_grad:
                        values.normal_(0, 0.2)
            model.save_pretrained(self.folder / f"adapter-{number}")
            models.append(model)
        return models

    def average(self, models, *words, weights=None, **options):
        names = [f"adapter-{number}" for number in range(len(models))]
        given = ["--weights", ",".join(map(str, weights))] if weights else []
        result = self.stockpot("uniform", "-o", "soup", "--force", *given, *words, *names, **options)
        self.assertNotIn("warning", result.err)
        return peft.PeftModel.from_pretrained(copy.deepcopy(self.base), self.folder / "soup")

    def changes(self, model):
        """What an adapter changes, in F64."""
        merged = copy.deepcopy(model).double().merge_and_unload().state_dict()
        return {name: values - self.base.state_dict()[name].double() for name, values in merged.items()}

    def assertAverage(self, models, found, weights=None, within=1e-6):
        weights = weights or [1] * len(models)
        all_changes = [self.changes(model) for model in models]
        for name, values in self.changes(found).items():
            expected = sum(w * change[name] for w, change in zip(weights, all_changes)) / sum(weights)
            largest = max(change[name].abs().max().item() for change in all_changes)
            self.assertLessEqual((values - expected).abs().max().item(), within * largest, name)

    def test_ranks_add_up_and_nothing_is_lost(self):
        settings = {"r": 4, "lora_alpha": 8, "target_modules": "all-linear"}
        models = self.adapters(llama, settings, settings, settings)
        found = self.average(models)
        self.assertAverage(models, found, within=1e-14)
        config = json.loads((self.folder / "soup/adapter_config.json").read_text())
        self.assertEqual((12, 8, {}, {}), tuple(config[key] for key in ("r", "lora_alpha", "rank_pattern", "alpha_pattern")))
        words = tokens()
        for model in (found, *models):
            model.eval()
        merged = copy.deepcopy(found).merge_and_unload()
        self.assertLess((logits(found, input_ids=words) - logits(merged, words)).abs().max().item(), 1e-4)

    def test_the_forward_is_the_mean_of_the_forwards(self):
        settings = [
            {"r": 2, "lora_alpha": 3, "target_modules": ["mix"]},
            {"r": 3, "lora_alpha": 5, "target_modules": ["mix"], "use_rslora": True},
            {"r": 1, "lora_alpha": 1, "target_modules": ["mix"], "lora_bias": True},
        ]
        models = self.adapters(Layer, *settings)
        words = torch.arange(11)
        for weights in (None, [2, 1, 0.5], [3, -1, 1]):
            with self.subTest(weights):
                found = self.average(models, weights=weights)
                share = [w / sum(weights or [1] * 3) for w in weights or [1] * 3]
                with torch.no_grad():
                    outputs = [model.double()(words) for model in models]
                    expected = sum(w * output for w, output in zip(share, outputs))
                    self.assertLess((found.double()(words) - expected).abs().max().item(), 1e-6)
                self.assertGreater((expected - outputs[0]).abs().max().item(), 1e-2)

    def test_scales_by_module(self):
        settings = {"r": 4, "lora_alpha": 7, "target_modules": "all-linear"}
        other = {"rank_pattern": {"q_proj": 2, "down_proj": 6}, "alpha_pattern": {"layers.1.mlp.up_proj": 1}}
        models = self.adapters(llama, settings, {**settings, **other}, {**settings, "use_rslora": True})
        self.assertAverage(models, self.average(models))
        self.assertAverage(models, self.average(models, weights=[1, 2, 5]), [1, 2, 5])

    def test_what_is_saved_whole_is_averaged(self):
        settings = {"r": 2, "lora_alpha": 3, "target_modules": ["mix", "words"], "modules_to_save": ["head"]}
        models = self.adapters(Layer, settings, {**settings, "r": 4})
        self.assertAverage(models, self.average(models))
        models = self.adapters(gpt2, *[{**GPT2, "bias": "all"}] * 2)
        self.assertAverage(models, self.average(models))

    def test_modules_that_some_lack(self):
        settings = {"r": 2, "lora_alpha": 4}
        models = self.adapters(
            llama, {**settings, "target_modules": ["q_proj", "v_proj"]}, {**settings, "target_modules": ["q_proj", "o_proj"]}
        )
        result = self.stockpot("uniform", "-o", "none", "adapter-0", "adapter-1", code=1)
        self.assertIn("model.layers.0.self_attn.v_proj", result.err)
        self.assertIn("--on-missing", result.err)
        found = self.average(models, "--on-missing", "keep")
        self.assertAverage(models, found)
        self.assertEqual(6, len(found.peft_config["default"].target_modules))

    def test_16_bits(self):
        settings = {"r": 4, "lora_alpha": 8, "target_modules": ["mix"]}
        models = [model.bfloat16() for model in self.adapters(Layer, settings, settings)]
        for number, model in enumerate(models):
            model.save_pretrained(self.folder / f"adapter-{number}")
        self.base = self.base.bfloat16()
        self.assertAverage(models, self.average(models), within=1e-15)
        kept = safetensors.torch.load_file(self.folder / "soup/adapter_model.safetensors")
        self.assertEqual({torch.bfloat16}, {values.dtype for values in kept.values()})
        self.average(models, weights=[3, 1])
        wide = safetensors.torch.load_file(self.folder / "soup/adapter_model.safetensors")
        self.assertEqual({torch.bfloat16, torch.float32}, {values.dtype for values in wide.values()})

    def test_a_lower_rank(self):
        settings = {"r": 4, "lora_alpha": 8, "target_modules": "all-linear"}
        models = self.adapters(llama, settings, settings, {**settings, "r": 2, "use_rslora": True})
        result = self.stockpot("uniform", "-o", "soup", "--json", "--rank", "5", *(f"adapter-{k}" for k in range(3)))
        found = peft.PeftModel.from_pretrained(copy.deepcopy(self.base), self.folder / "soup")
        changes, reports = [self.changes(model) for model in models], json.loads(result.out)["ranks"]
        small, energies = self.changes(found), []
        for module in reports["modules"]:
            exact = sum(change[module["name"] + ".weight"] for change in changes) / 3
            u, s, v = torch.linalg.svd(exact)
            nearest = u[:, :5] * s[:5] @ v[:5]
            self.assertLess((small[module["name"] + ".weight"] - nearest).abs().max().item(), 1e-6 * s[0].item())
            self.assertAlmostEqual((s[:5].square().sum() / s.square().sum()).item(), module["kept"], places=12)
            self.assertEqual((10, 5), (module["ranks"], module["rank"]))
            energies.append((s.square().sum().item(), s[:5].square().sum().item()))
        self.assertEqual(14, len(energies))
        self.assertAlmostEqual(sum(kept for _, kept in energies) / sum(all for all, _ in energies), reports["kept"], places=12)
        self.assertEqual(5, json.loads((self.folder / "soup/adapter_config.json").read_text())["r"])
        line = self.stockpot("uniform", "-o", "again", "--rank", "5", *(f"adapter-{k}" for k in range(3))).out
        self.assertIn("of the energy kept in 14 modules", line)

    def test_a_greedy_soup_is_made_of_exact_averages(self):
        settings = {"r": 2, "lora_alpha": 3, "target_modules": ["mix"]}
        models = self.adapters(Layer, settings, {**settings, "r": 3})
        script = self.folder / "score.sh"
        script.write_text('ls "$1" >> seen; echo "accuracy: 0.$(grep -c . seen)"\n')
        self.stockpot("greedy", "-o", "soup", "--evaluator", "cmd:sh score.sh {checkpoint}", "adapter-0", "adapter-1")
        found = peft.PeftModel.from_pretrained(copy.deepcopy(self.base), self.folder / "soup")
        self.assertAverage([models[1], models[0]], found)
        self.assertIn("adapter_config.json", (self.folder / "seen").read_text())

    def test_what_cannot_be_averaged(self):
        settings = {"r": 2, "lora_alpha": 3, "target_modules": ["mix"]}
        self.adapters(Layer, settings, settings)
        (self.folder / "bare").mkdir()
        for name in ("a", "b"):
            shutil.copy(self.folder / "adapter-0/adapter_model.safetensors", self.folder / f"bare/{name}.safetensors")
        bare = ("bare/a.safetensors", "bare/b.safetensors")
        result = self.stockpot("uniform", "-o", "soup", *bare, code=1)
        self.assertIn("bare/adapter_config.json: does not exist", result.err)
        self.stockpot("uniform", "-o", "soup.safetensors", "--lora", "factors", *bare)
        result = self.stockpot("uniform", "-o", "soup2.safetensors", "adapter-0", "adapter-1", code=1)
        self.assertIn("name a directory", result.err)
        result = self.stockpot("merge", "--method", "linear", "-p", "weight=1", "-o", "merged", "adapter-0", "adapter-1", code=1)
        self.assertIn("--allow adapters", result.err)

    def test_a_soup_is_made_again(self):
        settings = {"r": 2, "lora_alpha": 3, "target_modules": ["mix"]}
        self.adapters(Layer, settings, {**settings, "r": 3})
        self.stockpot("uniform", "-o", "soup", "--rank", "3", "--weights", "1,2", "adapter-0", "adapter-1")
        self.stockpot("merge", "soup", "-o", "again", "--models-dir", ".")
        for name in ("adapter_model.safetensors", "adapter_config.json"):
            self.assertEqual((self.folder / "soup" / name).read_bytes(), (self.folder / "again" / name).read_bytes(), name)
