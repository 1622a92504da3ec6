"""Adapters of PEFT: soups of their folders, loaded by PeftModel, and soups of the models that they were merged into."""

import copy
import json
import unittest

from test_pretrained import gpt2, llama, loss, tokens
from soups import SoupCase, fine_tunes, mean, rounded
import torch

try:
    import peft
except ImportError as error:
    raise unittest.SkipTest("PEFT is not installed: tools/setup python") from error

SETTINGS = {"r": 2, "lora_alpha": 4, "target_modules": ["c_attn"], "fan_in_fan_out": True}


class AdaptersTest(SoupCase):
    def setUp(self):
        super().setUp()
        self.base = gpt2()

    def adapted(self, **settings):
        config = peft.LoraConfig(**{**SETTINGS, **settings})
        return peft.get_peft_model(copy.deepcopy(self.base), config)

    def saved(self, models):
        names = []
        for model in models:
            names.append(f"adapter-{len(names)}")
            model.save_pretrained(self.folder / names[-1])
        return names

    def test_factors_of_adapters_with_the_same_settings(self):
        models = fine_tunes(self.adapted, loss)
        names = self.saved(models)
        self.stockpot("uniform", "-o", "soup", "--lora", "factors", *names)
        self.assertFalse((self.folder / "soup/model.safetensors").exists())
        found = peft.PeftModel.from_pretrained(copy.deepcopy(self.base), self.folder / "soup")
        expected = self.adapted()
        expected.load_state_dict(mean(models))
        self.assertSameTensors(expected.state_dict(), found.state_dict())
        self.assertSameOutputs(expected, found, models, input_ids=tokens())
        self.assertNotIn("library_name: transformers", (self.folder / "soup/README.md").read_text())

    def test_factors_of_adapters_with_other_settings_stop_the_run(self):
        for setting, value in (("lora_alpha", 16), ("r", 4), ("target_modules", ["c_proj"])):
            with self.subTest(setting):
                names = self.saved([self.adapted(), self.adapted(**{setting: value})])
                result = self.stockpot("uniform", "-o", "soup", "--lora", "factors", *names, code=1)
                self.assertIn(setting, result.err)
                self.assertFalse((self.folder / "soup").exists())

    def test_factors_of_adapters_with_another_scale_go_on_request(self):
        models = [fine_tunes(lambda: self.adapted(lora_alpha=alpha), loss, 1)[0] for alpha in (4, 16)]
        names = self.saved(models)
        self.stockpot("uniform", "-o", "soup", "--lora", "factors", "--allow", "adapters", *names)
        found = peft.PeftModel.from_pretrained(copy.deepcopy(self.base), self.folder / "soup")
        self.assertSameTensors(mean(models), found.state_dict())
        settings = json.loads((self.folder / "soup/adapter_config.json").read_text())
        self.assertEqual(4, settings["lora_alpha"])

    def test_models_that_adapters_were_merged_into(self):
        models = fine_tunes(self.adapted, loss)
        merged = [model.merge_and_unload() for model in models]
        for number, model in enumerate(merged):
            model.save_pretrained(self.folder / f"merged-{number}")
        self.stockpot("uniform", "-o", "soup", *(f"merged-{number}" for number in range(3)))
        found = type(self.base).from_pretrained(self.folder / "soup")
        expected = gpt2()
        expected.load_state_dict(mean(merged))
        self.assertSameTensors(expected.state_dict(), found.state_dict())
        self.assertSameOutputs(expected, found, merged, tokens())


class FoldingTest(SoupCase):
    """Bases with adapters folded in, against PEFT's merge_and_unload in F64."""

    def adapted(self, base, **settings):
        """Saves a base and an adapter of random numbers; the model that has both."""
        model = peft.get_peft_model(copy.deepcopy(base), peft.LoraConfig(**settings))
        with torch.no_grad():
            for values in model.parameters():
                if values.requires_grad:
                    values.normal_(0, 0.1)
        base.save_pretrained(self.folder / "base")
        model.save_pretrained(self.folder / "adapter")
        return model

    def assertFolds(self, make, **settings):
        with self.subTest(settings):
            base = make()
            model = self.adapted(base, **settings)
            merged = copy.deepcopy(model).double().merge_and_unload()
            self.stockpot("convert", "base", "--adapter", "adapter", "-o", "folded", "--force")
            found = type(base).from_pretrained(self.folder / "folded")
            expected = {name: values.float() for name, values in merged.state_dict().items()}
            self.assertSameTensors(expected, found.state_dict())
            changed = [name for name, values in base.state_dict().items() if not torch.equal(values, expected[name])]
            self.assertTrue(changed)
            self.assertEqual(0, self.stockpot("compare", "base+adapter", "folded").code)

    def test_layers_of_both_kinds(self):
        self.assertFolds(llama, r=4, lora_alpha=7, target_modules="all-linear")
        self.assertFolds(gpt2, r=2, lora_alpha=4, target_modules=["c_attn", "c_proj", "c_fc"], fan_in_fan_out=True)

    def test_scales(self):
        patterns = {
            "rank_pattern": {"q_proj": 3, "layers.1.mlp.*": 5},
            "alpha_pattern": {"^model.layers.0.self_attn.k_proj": 31, "v_proj": 2},
        }
        for rslora in (False, True):
            self.assertFolds(llama, r=4, lora_alpha=7, target_modules="all-linear", use_rslora=rslora, **patterns)

    def test_embeddings_and_what_is_kept_whole(self):
        self.assertFolds(llama, r=4, lora_alpha=7, target_modules=["q_proj", "embed_tokens"])
        self.assertFolds(llama, r=4, lora_alpha=7, target_modules=["q_proj"], modules_to_save=["lm_head", "norm"])

    def test_biases(self):
        layers = {"r": 4, "lora_alpha": 8, "target_modules": ["c_attn"], "fan_in_fan_out": True}
        for more in ({"bias": "lora_only"}, {"bias": "all"}, {"lora_bias": True}):
            self.assertFolds(gpt2, **layers, **more)

    def test_convolutions(self):
        class Net(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.wide, self.flat = torch.nn.Conv2d(3, 5, 2), torch.nn.Conv2d(5, 7, 1)

            def forward(self, x):
                return self.flat(self.wide(x))

        model = peft.get_peft_model(Net(), peft.LoraConfig(r=2, lora_alpha=3, target_modules=["wide", "flat"]))
        for values in model.parameters():
            values.data.normal_()
        base = {name.replace("base_layer.", ""): v for name, v in model.get_base_model().state_dict().items() if "lora" not in name}
        self.save("net.pt", base)
        model.save_pretrained(self.folder / "adapter")
        self.stockpot("convert", "net.pt", "--adapter", "adapter", "-o", "folded.pt")
        expected = {name: values.float() for name, values in model.double().merge_and_unload().state_dict().items()}
        self.assertSameTensors(expected, self.load("folded.pt"))

    def test_16_bits_are_rounded_once(self):
        base = llama().bfloat16()
        model = self.adapted(base, r=4, lora_alpha=8, target_modules=["q_proj"])
        self.stockpot("convert", "base", "--adapter", "adapter", "-o", "folded")
        merged = copy.deepcopy(model).double().merge_and_unload().state_dict()
        found = type(base).from_pretrained(self.folder / "folded").state_dict()
        self.assertSameTensors({name: rounded(values, torch.bfloat16) for name, values in merged.items()}, found)

    def test_several_at_once(self):
        base = gpt2()
        model = self.adapted(base, **SETTINGS)
        model.add_adapter("other", peft.LoraConfig(**{**SETTINGS, "r": 3}))
        for name, values in model.named_parameters():
            if ".other." in name:
                values.data.normal_(0, 0.1)
        model.save_pretrained(self.folder / "adapters", selected_adapters=["other"])
        merged = model.double().merge_and_unload(adapter_names=["default", "other"]).state_dict()
        both = ("--adapter", "adapter", "--adapter", "adapters/other")
        self.stockpot("convert", "base", *both, "-o", "folded")
        found = type(base).from_pretrained(self.folder / "folded").state_dict()
        self.assertSameTensors({name: values.float() for name, values in merged.items()}, found)
        self.stockpot("convert", "base", *both, "--adapter-weights", "0.5,-1", "-o", "weighed")
        self.stockpot("convert", "base", *both, "--adapter-weights", "1", "-o", "weighed", code=2)

    def test_dora_is_refused(self):
        self.adapted(gpt2(), **SETTINGS, use_dora=True)
        result = self.stockpot("convert", "base", "--adapter", "adapter", "-o", "folded", code=1)
        self.assertIn("DoRA", result.err)
