"""Model directories of transformers: soups of what save_pretrained wrote, loaded by from_pretrained."""

import json
import unittest

from soups import SoupCase, fine_tunes, mean
import torch

try:
    import transformers
    from transformers import (
        AutoModelForCausalLM,
        BertConfig,
        BertForMaskedLM,
        GPT2Config,
        GPT2LMHeadModel,
        LlamaConfig,
        LlamaForCausalLM,
    )
except ImportError as error:
    raise unittest.SkipTest("transformers is not installed: tools/setup python") from error

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()

WORDS = 48
SPECIAL = {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}


def gpt2():
    """Its head is its embedding."""
    config = GPT2Config(vocab_size=WORDS, n_positions=16, n_embd=16, n_layer=2, n_head=2, **SPECIAL)
    return GPT2LMHeadModel(config)


def llama(**more):
    config = LlamaConfig(
        vocab_size=WORDS,
        hidden_size=16,
        intermediate_size=24,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=32,
        **SPECIAL,
        **more,
    )
    return LlamaForCausalLM(config)


def bert():
    """Its decoder is its embedding, and the decoder's bias has two names."""
    config = BertConfig(
        vocab_size=WORDS, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2, pad_token_id=0
    )
    return BertForMaskedLM(config)


def tokens():
    return torch.randint(3, WORDS, (4, 10))


def loss(model):
    words = tokens()
    return model(input_ids=words, labels=words).loss


class PretrainedTest(SoupCase):
    def saved(self, models, **options):
        names = []
        for model in models:
            names.append(f"model-{len(names)}")
            model.save_pretrained(self.folder / names[-1], **options)
        return names

    def saved_by_torch(self, models, name="pytorch-{}"):
        """As transformers wrote them before safetensors: every name, also of what is tied."""
        names = []
        for model in models:
            names.append(name.format(len(names)))
            model.config.save_pretrained(self.folder / names[-1])
            torch.save(model.state_dict(), self.folder / names[-1] / "pytorch_model.bin")
        return names

    def config(self, name):
        return json.loads((self.folder / name / "config.json").read_text())

    def loaded(self, name, kind, **options):
        """The model, of which no weight may be missing, left over or new."""
        model, report = kind.from_pretrained(self.folder / name, output_loading_info=True, **options)
        for what, names in report.items():
            self.assertFalse(names, what)
        return model

    def assert_is_average(self, models, found, dtype=None):
        expected = type(models[0])(models[0].config)
        average = mean(models, dtype)
        expected.to(average["lm_head.weight"].dtype if "lm_head.weight" in average else torch.float32)
        expected.load_state_dict(average)
        self.assertSameTensors(average, found.state_dict())
        self.assertSameOutputs(expected, found, models, tokens())

    def test_tied_weights_untied_ones_and_biases_with_two_names(self):
        for make in (gpt2, bert, llama, lambda: llama(tie_word_embeddings=True)):
            models = fine_tunes(make, loss)
            kind = type(models[0])
            with self.subTest(kind.__name__, tied=models[0].config.tie_word_embeddings):
                self.stockpot("uniform", "--force", "-o", "soup", *self.saved(models))
                found = self.loaded("soup", kind)
                self.assert_is_average(models, found)
                tied = found.get_input_embeddings().weight is found.get_output_embeddings().weight
                self.assertEqual(models[0].config.tie_word_embeddings, tied)
                self.assertEqual(self.config("model-0"), self.config("soup"))

    def test_weights_as_one_file(self):
        models = fine_tunes(gpt2, loss)
        files = [f"{name}/model.safetensors" for name in self.saved(models)]
        self.stockpot("uniform", "-o", "soup.safetensors", *files)
        models[0].config.save_pretrained(self.folder / "soup")
        (self.folder / "soup.safetensors").rename(self.folder / "soup/model.safetensors")
        self.assert_is_average(models, self.loaded("soup", GPT2LMHeadModel))

    def test_shards(self):
        models = fine_tunes(gpt2, loss)
        names = self.saved(models, max_shard_size="8KB")
        self.assertGreater(len(list((self.folder / names[0]).glob("*.safetensors"))), 2)
        self.stockpot("uniform", "-o", "soup", "--max-shard-size", "10KB", *names)
        self.assertGreater(len(list((self.folder / "soup").glob("*.safetensors"))), 2)
        self.assert_is_average(models, self.loaded("soup", GPT2LMHeadModel))

    def test_weights_saved_by_torch(self):
        for make in (gpt2, bert):
            models = fine_tunes(make, loss)
            kind = type(models[0])
            with self.subTest(kind.__name__):
                names = self.saved_by_torch(models)
                self.stockpot("uniform", "--force", "-o", "soup", *names)
                self.assert_is_average(models, self.loaded("soup", kind))
                files = [f"{name}/pytorch_model.bin" for name in names]
                self.stockpot("uniform", "--force", "-o", "soup.bin", "--like", files[0], *files)
                state = self.load("soup.bin")
                self.assertSameTensors(mean(models), state)
                again = kind(models[0].config)
                again.load_state_dict(state)
                self.assert_is_average(models, again)

    def test_tied_weights_saved_by_some_and_left_out_by_others(self):
        for make in (gpt2, bert):
            models = fine_tunes(make, loss)
            kind = type(models[0])
            for order in ((0, 1, 2), (2, 1, 0)):
                with self.subTest(kind.__name__, order=order):
                    names = self.saved(models[:2]) + self.saved_by_torch(models[2:])
                    names = [names[number] for number in order]
                    self.stockpot("uniform", "--force", "-o", "soup", *names)
                    found = self.loaded("soup", kind)
                    self.assert_is_average([models[number] for number in order], found)
                    self.assertIs(found.get_input_embeddings().weight, found.get_output_embeddings().weight)

    def test_models_in_half_precision(self):
        for dtype in (torch.bfloat16, torch.float16):
            models = [model.to(dtype) for model in fine_tunes(llama, loss)]
            with self.subTest(dtype):
                self.stockpot("uniform", "--force", "-o", "soup", *self.saved(models))
                found = self.loaded("soup", LlamaForCausalLM)
                self.assertEqual(dtype, found.dtype)
                self.assert_is_average(models, found)

    def test_another_type_of_the_output_is_the_config_s_too(self):
        models = fine_tunes(llama, loss)
        self.stockpot("uniform", "-o", "soup", "--dtype", "BF16", *self.saved(models))
        self.assertEqual({**self.config("model-0"), "dtype": "bfloat16"}, self.config("soup"))
        found = self.loaded("soup", AutoModelForCausalLM, dtype="auto")
        self.assertEqual(torch.bfloat16, found.dtype)
        self.assert_is_average(models, found, torch.bfloat16)

    def test_configs_that_change_the_function_stop_the_run(self):
        models = fine_tunes(llama, loss)
        names = self.saved(models)
        models[1].config.rope_parameters = {"rope_type": "default", "rope_theta": 500000.0}
        models[1].config.save_pretrained(self.folder / names[1])
        result = self.stockpot("uniform", "-o", "soup", *names, code=1)
        self.assertIn("rope_theta", result.err)
        self.assertFalse((self.folder / "soup").exists())
        self.stockpot("uniform", "-o", "soup", "--allow", "configs", *names)

    def test_rows_of_words_that_one_model_has_in_addition(self):
        models = fine_tunes(llama, loss, 2)
        models[0].resize_token_embeddings(WORDS + 8)
        names = self.saved(models)
        result = self.stockpot("uniform", "-o", "soup", *names, code=1)
        self.assertIn(str(WORDS), result.err)
        self.assertIn(str(WORDS + 8), result.err)
        self.stockpot("uniform", "-o", "soup", "--common-rows", "embed_tokens|lm_head", "--allow", "configs", *names)
        found = self.loaded("soup", LlamaForCausalLM)
        state = models[1].state_dict()
        for name in ("model.embed_tokens.weight", "lm_head.weight"):
            # Alone, a row keeps its bits.
            state[name] = torch.cat([state[name], models[0].state_dict()[name][WORDS:]])
        self.assertSameTensors(mean([models[0].state_dict(), state]), found.state_dict())
