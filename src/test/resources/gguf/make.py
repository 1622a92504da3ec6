"""Makes the files here with llama.cpp's own package: python make.py (needs numpy and gguf).

Beside each NAME.gguf, NAME.safetensors has the same tensors, quantised ones as gguf.quants decodes them.
"""

import json
import pathlib
import struct

import numpy as np
from gguf import GGMLQuantizationType as Type
from gguf import GGUFEndian, GGUFWriter, quants

HERE = pathlib.Path(__file__).parent
NAMES = {"float16": "F16", "float32": "F32", "float64": "F64", "int8": "I8", "int16": "I16", "int32": "I32", "int64": "I64"}
random = np.random.default_rng(7)


def expect(name, arrays):
    header, values = {}, b""
    for key, (kind, array) in arrays.items():
        data = np.ascontiguousarray(array).tobytes()
        offsets = [len(values), len(values) + len(data)]
        header[key] = {"dtype": kind, "shape": list(array.shape), "data_offsets": offsets}
        values += data
    text = json.dumps(header).encode()
    (HERE / f"{name}.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + values)


def plain(array):
    return NAMES[array.dtype.name], array


def values(dtype, *shape):
    return (random.integers(-64, 64, shape) / 16).astype(dtype)


def bfloat(*shape):
    return (values("float32", *shape).view(np.uint32) >> 16).astype(np.uint16)


def writer(name, **options):
    out = GGUFWriter(str(HERE / f"{name}.gguf"), "llama", **options)
    out.add_name("Tiny ✓")
    out.add_uint32("llama.block_count", 2)
    out.add_float32("llama.rope.freq_base", 10000.5)
    out.add_bool("tokenizer.ggml.add_bos_token", True)
    out.add_token_list(["<s>", "</s>", "größe", ""])
    out.add_token_scores([0.0, -1.5, 2.0, 3.0])
    out.add_uint64("general.large", 2**63 + 5)
    return out


def close(out):
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()


def blocks(kind, rows, row_blocks):
    """Blocks of any bits, with scales that are finite and not zero."""
    width = quants.GGML_QUANT_SIZES[kind][1]
    data = random.integers(0, 256, (rows, row_blocks, width), np.uint8)
    halves = {Type.Q2_K: (80, 82), Type.Q3_K: (108,), Type.Q6_K: (208,), Type.Q8_0: (0,), Type.Q4_0: (0,), Type.Q5_0: (0,)}
    for at in halves.get(kind, (0, 2)):
        scales = random.uniform(0.001, 2, (rows, row_blocks)) * random.choice([-1, 1], (rows, row_blocks))
        data[:, :, at : at + 2] = scales.astype("<f2").view(np.uint8).reshape(rows, row_blocks, 2)
    return data.reshape(rows, row_blocks * width)


def floats(name, seed):
    out = writer(name)
    out.add_file_type(1)
    tensors = {
        "token_embd.weight": plain(values("float16", 4, 6) * seed),
        "blk.0.attn_norm.weight": plain(values("float32", 6) * seed),
        "blk.0.ffn.weight": ("BF16", bfloat(3, 2, 5)),
        "blk.0.exact": plain(values("float64", 3)),
        "rope.ids": plain(np.arange(5, dtype=np.int32)),
        "bytes": plain(np.arange(7, dtype=np.int8)),
    }
    for key, (kind, array) in tensors.items():
        out.add_tensor(key, array, raw_dtype=Type.BF16 if kind == "BF16" else None)
    close(out)
    return tensors


expect("floats", floats("floats", 1))
floats("floats_2", 2)
two = bytearray((HERE / "floats.gguf").read_bytes())
two[4] = 2
(HERE / "version_2.gguf").write_bytes(two)

out = writer("quantised")
out.add_file_type(15)
expected = {"norm.weight": plain(values("float32", 6))}
out.add_tensor("norm.weight", expected["norm.weight"][1])
for kind in (Type.Q4_0, Type.Q4_1, Type.Q5_0, Type.Q5_1, Type.Q8_0, Type.Q2_K, Type.Q3_K, Type.Q4_K, Type.Q5_K, Type.Q6_K):
    data = blocks(kind, 2, 2 if kind.name.endswith("K") else 3)
    out.add_tensor(f"{kind.name}.weight", data, raw_dtype=kind)
    expected[f"{kind.name}.weight"] = plain(quants.dequantize(data, kind).astype(np.float32))
close(out)
expect("quantised", expected)

out = writer("big_endian", endianess=GGUFEndian.BIG)
expected = {"a": plain(values("float32", 3, 4)), "b": plain(values("float16", 5)), "c": plain(np.arange(3, dtype=np.int8))}
for key, (_, array) in expected.items():
    out.add_tensor(key, array.copy())
data = blocks(Type.Q8_0, 2, 1)
expected["q"] = plain(quants.dequantize(data, Type.Q8_0).astype(np.float32))
swapped = data.copy()
swapped[:, [0, 1]] = data[:, [1, 0]]
out.add_tensor("q", swapped, raw_dtype=Type.Q8_0)
close(out)
expect("big_endian", expected)

out = writer("sharded", split_max_tensors=2)
expected = {f"blk.{k}.weight": plain(values("float32", 2, 3)) for k in range(5)}
for key, (_, array) in expected.items():
    out.add_tensor(key, array)
close(out)
expect("sharded", expected)
