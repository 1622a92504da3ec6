"""Folders of sentence-transformers, whose modules have folders of their own."""

import unittest

from soups import SoupCase, mean
import torch

try:
    import sentence_transformers
    from sentence_transformers.sentence_transformer import modules
    from transformers import BertConfig, BertModel, BertTokenizerFast
except ImportError as error:
    raise unittest.SkipTest("sentence-transformers is not installed: tools/setup python") from error

LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *LETTERS, *("##" + letter for letter in LETTERS)]
SENTENCES = ["a soup", "an average of models", "stock"]


class SentenceTransformersTest(SoupCase):
    def made(self, number):
        """A model of a transformer, its mean over a sentence, and a layer after it."""
        folder = self.folder / f"bert-{number}"
        config = BertConfig(
            vocab_size=len(WORDS), hidden_size=16, intermediate_size=24, num_hidden_layers=1, num_attention_heads=2
        )
        BertModel(config).save_pretrained(folder)
        (self.folder / "vocab.txt").write_text("\n".join(WORDS))
        BertTokenizerFast(str(self.folder / "vocab.txt")).save_pretrained(folder)
        parts = [modules.Transformer(str(folder)), modules.Pooling(embedding_dimension=16), modules.Dense(16, 8)]
        return sentence_transformers.SentenceTransformer(modules=parts, device="cpu")

    def loaded(self, name):
        return sentence_transformers.SentenceTransformer(str(self.folder / name), device="cpu")

    def test_a_soup_loads_with_its_modules(self):
        models = [self.made(number) for number in range(3)]
        for number, model in enumerate(models):
            # The layer after the transformer, which is the same in all of them.
            model[2].load_state_dict(models[0][2].state_dict())
            model.save(str(self.folder / f"model-{number}"))
        self.stockpot("uniform", "-o", "soup", *(f"model-{number}" for number in range(3)))
        found, expected = self.loaded("soup"), self.loaded("model-0")
        expected.load_state_dict(mean(models))
        self.assertSameTensors(expected.state_dict(), found.state_dict())
        vectors = expected.encode(SENTENCES, convert_to_tensor=True)
        self.assertTrue(torch.equal(vectors, found.encode(SENTENCES, convert_to_tensor=True)))
        for model in models:
            self.assertFalse(torch.allclose(vectors, model.encode(SENTENCES, convert_to_tensor=True), atol=1e-4))
