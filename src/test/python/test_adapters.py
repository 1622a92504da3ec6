"""Adapters of PEFT: soups of their folders, loaded by PeftModel, and soups of the models that they were merged into."""

import copy
import json
import unittest

from test_pretrained import gpt2, loss, tokens
from soups import SoupCase, fine_tunes, mean
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

    def test_adapters_with_the_same_settings(self):
        models = fine_tunes(self.adapted, loss)
        names = self.saved(models)
        self.stockpot("uniform", "-o", "soup", *names)
        self.assertFalse((self.folder / "soup/model.safetensors").exists())
        found = peft.PeftModel.from_pretrained(copy.deepcopy(self.base), self.folder / "soup")
        expected = self.adapted()
        expected.load_state_dict(mean(models))
        self.assertSameTensors(expected.state_dict(), found.state_dict())
        self.assertSameOutputs(expected, found, models, input_ids=tokens())
        self.assertNotIn("library_name: transformers", (self.folder / "soup/README.md").read_text())

    def test_adapters_with_other_settings_stop_the_run(self):
        for setting, value in (("lora_alpha", 16), ("r", 4), ("target_modules", ["c_proj"])):
            with self.subTest(setting):
                names = self.saved([self.adapted(), self.adapted(**{setting: value})])
                result = self.stockpot("uniform", "-o", "soup", *names, code=1)
                self.assertIn(setting, result.err)
                self.assertFalse((self.folder / "soup").exists())

    def test_adapters_with_another_scale_go_on_request(self):
        models = [fine_tunes(lambda: self.adapted(lora_alpha=alpha), loss, 1)[0] for alpha in (4, 16)]
        names = self.saved(models)
        self.stockpot("uniform", "-o", "soup", "--allow", "adapters", *names)
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
