"""Archives of NumPy and models of llama.cpp: soups of what their own libraries wrote, read by those libraries."""

import unittest

import numpy as np
from soups import SoupCase
import torch

try:
    import gguf
except ImportError:
    gguf = None

NAMES = ("params/Transformer/encoderblock_0/MlpBlock_0/Dense_0/kernel", "params/embedding/bias")


def mean(arrays, dtype=None):
    """In F64 where one is F32 or F64, in F32 otherwise, with one rounding (docs/numbers.md)."""
    total = sum(array.astype(np.float32 if array.dtype == np.float16 else np.float64) for array in arrays)
    return (total / total.dtype.type(len(arrays))).astype(dtype or arrays[0].dtype)


class NumpyCase(SoupCase):
    def setUp(self):
        super().setUp()
        self.random = np.random.default_rng(3)

    def arrays(self, dtype=np.float32):
        return {name: self.random.standard_normal(shape).astype(dtype) for name, shape in zip(NAMES, [(9, 17), (33,)])}

    def saved(self, name, arrays, save=np.savez):
        save(self.folder / name, **arrays)
        return name

    def test_archives(self):
        for dtype in np.float32, np.float16, np.float64:
            models = [self.arrays(dtype) for _ in range(3)]
            names = [self.saved(f"{k}.npz", model) for k, model in enumerate(models)]
            self.stockpot("uniform", "-o", "soup.npz", "--force", *names)
            with np.load(self.folder / "soup.npz", allow_pickle=False) as soup:
                self.assertEqual(list(models[0]), soup.files)
                for name in NAMES:
                    expected = mean([model[name] for model in models])
                    self.assertEqual(expected.dtype, soup[name].dtype)
                    self.assertTrue(np.array_equal(expected, soup[name]), name)

    def test_compressed_archives_in_other_orders(self):
        models = [self.arrays() for _ in range(2)]
        odd = [{name: np.asfortranarray(array).astype(">f4", order="F") for name, array in model.items()} for model in models]
        names = [self.saved(f"{k}.npz", model, np.savez_compressed) for k, model in enumerate(odd)]
        self.stockpot("uniform", "-o", "soup.npz", *names)
        with np.load(self.folder / "soup.npz") as soup:
            for name in NAMES:
                self.assertTrue(np.array_equal(mean([model[name] for model in models]), soup[name]), name)

    def test_bfloat16_is_two_bytes_of_no_meaning(self):
        model = torch.randn(6, 5).bfloat16()
        self.saved("a.npz", {"w": model.view(torch.int16).numpy().view("V2")})
        self.stockpot("uniform", "-o", "soup.npz", "a.npz", "a.npz")
        soup = np.load(self.folder / "soup.npz")["w"]
        self.assertEqual(np.dtype("V2"), soup.dtype)
        self.assertTrue(torch.equal(model, torch.from_numpy(soup.view(np.int16)).view(torch.bfloat16)))

    def test_one_array(self):
        arrays = [self.random.standard_normal((4, 3)).astype(np.float32) for _ in range(2)]
        for k, array in enumerate(arrays):
            np.save(self.folder / f"{k}.npy", array)
        self.stockpot("uniform", "-o", "soup.npy", "0.npy", "1.npy")
        self.assertTrue(np.array_equal(mean(arrays), np.load(self.folder / "soup.npy", mmap_mode="r")))

    def test_a_pytorch_model_like_an_archive(self):
        model = self.arrays()
        self.saved("like.npz", self.arrays())
        self.save("model.pt", {name: torch.from_numpy(array) for name, array in model.items()})
        self.stockpot("convert", "model.pt", "-o", "out.npz", "--like", "like.npz")
        with np.load(self.folder / "out.npz") as out:
            for name in NAMES:
                self.assertTrue(np.array_equal(model[name], out[name]), name)


@unittest.skipIf(gguf is None, "gguf is not installed: tools/setup python")
class GgufCase(SoupCase):
    def setUp(self):
        super().setUp()
        self.random = np.random.default_rng(4)

    def model(self, name, quantise=None):
        """Writes a model; its tensors as they are in the file."""
        tensors = {
            "token_embd.weight": self.random.standard_normal((8, 64)).astype(np.float16),
            "blk.0.attn_q.weight": self.random.standard_normal((4, 3, 64)).astype(np.float32),
            "blk.0.attn_norm.weight": self.random.standard_normal(64).astype(np.float32),
        }
        out = gguf.GGUFWriter(self.folder / name, "llama")
        out.add_block_count(1)
        out.add_token_list(["<s>", "größe", ""])
        out.add_file_type(gguf.LlamaFileType.MOSTLY_F16 if quantise is None else gguf.LlamaFileType.MOSTLY_Q8_0)
        for key, array in tensors.items():
            if quantise is not None and array.ndim > 1:
                blocks = gguf.quants.quantize(array.astype(np.float32), quantise)
                out.add_tensor(key, blocks, raw_dtype=quantise)
                tensors[key] = gguf.quants.dequantize(blocks, quantise)
            else:
                out.add_tensor(key, array)
        out.write_header_to_file()
        out.write_kv_data_to_file()
        out.write_tensors_to_file()
        out.close()
        return tensors

    def check(self, expected, file_type):
        read = gguf.GGUFReader(self.folder / "soup.gguf")
        first = gguf.GGUFReader(self.folder / "0.gguf")
        for key, field in first.fields.items():
            if not key.startswith("GGUF.") and key != "general.file_type":
                self.assertEqual(field.contents(), read.fields[key].contents(), key)
        self.assertEqual(file_type, read.fields["general.file_type"].contents())
        self.assertEqual([tensor.name for tensor in first.tensors], [tensor.name for tensor in read.tensors])
        for tensor in read.tensors:
            self.assertEqual(expected[tensor.name].dtype, tensor.data.dtype, tensor.name)
            self.assertTrue(np.array_equal(expected[tensor.name], tensor.data), tensor.name)

    def test_models(self):
        models = [self.model(f"{k}.gguf") for k in range(3)]
        self.stockpot("uniform", "-o", "soup.gguf", "0.gguf", "1.gguf", "2.gguf")
        self.check({name: mean([model[name] for model in models]) for name in models[0]}, gguf.LlamaFileType.MOSTLY_F16)

    def test_quantised_models(self):
        for quantise in gguf.GGMLQuantizationType.Q8_0, gguf.GGMLQuantizationType.Q5_1:
            models = [self.model(f"{k}.gguf", quantise) for k in range(2)]
            done = self.stockpot("uniform", "-o", "soup.gguf", "--force", "0.gguf", "1.gguf")
            self.assertIn("are quantised", done.err)
            self.check({name: mean([model[name] for model in models]) for name in models[0]}, gguf.LlamaFileType.ALL_F32)

    def test_vectors_stay_f32(self):
        models = [self.model(f"{k}.gguf", gguf.GGMLQuantizationType.Q4_0) for k in range(2)]
        self.stockpot("uniform", "-o", "soup.gguf", "--dtype", "float16", "0.gguf", "1.gguf")
        expected = {name: mean([model[name] for model in models], np.float16) for name in models[0]}
        norm = "blk.0.attn_norm.weight"
        expected[norm] = mean([model[norm] for model in models])
        self.check(expected, gguf.LlamaFileType.MOSTLY_F16)


if __name__ == "__main__":
    unittest.main()
