"""Makes the files here with NumPy itself: python make.py (needs numpy and ml_dtypes).

Beside each NAME.npz, NAME.safetensors has the same arrays, written here from their values in row-major, little-endian order.
"""

import io
import json
import pathlib
import struct
import zipfile

import ml_dtypes
import numpy as np

HERE = pathlib.Path(__file__).parent
TYPES = {
    "bool": "BOOL", "uint8": "U8", "int8": "I8", "uint16": "U16", "int16": "I16", "uint32": "U32", "int32": "I32",
    "uint64": "U64", "int64": "I64", "float16": "F16", "bfloat16": "BF16", "float32": "F32", "float64": "F64",
    "complex64": "C64", "float8_e5m2": "F8_E5M2",
}  # fmt: skip


def expect(name, arrays):
    header, values = {}, b""
    for key, array in arrays.items():
        native = array.astype(array.dtype.newbyteorder("="))
        data = np.ascontiguousarray(native).tobytes()
        offsets = [len(values), len(values) + len(data)]
        header[key] = {"dtype": TYPES[native.dtype.name], "shape": list(array.shape), "data_offsets": offsets}
        values += data
    text = json.dumps(header).encode()
    (HERE / f"{name}.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + values)


def values(dtype, *shape):
    count = int(np.prod(shape, dtype=np.int64))
    return ((np.arange(count) % 7 - 2) / 2).reshape(shape).astype(dtype)


every = {f"params/{dtype}": values(dtype, 3, 5) for dtype in TYPES}
every |= {"params/block_0/kernel": values("float32", 2, 3, 4), "scalar": np.float32(2.5), "empty": values("float16", 0, 3)}
every |= {"params/größe": values("float32", 4), "step": np.int64(7)}
every = {key: np.asarray(array) for key, array in every.items()}
np.savez(HERE / "every.npz", **every)
expect("every", every)

odd = {
    "fortran": np.asfortranarray(values("float32", 4, 6)),
    "cube": np.asfortranarray(values("float64", 2, 3, 5)),
    "big": values(">f4", 3, 7),
    "both": np.asfortranarray(values(">f2", 5, 2)),
    "vector": np.asfortranarray(values("float32", 9)),
    "complex": np.asfortranarray(values("complex64", 3, 2)).astype(">c8", order="F"),
    "bf16": np.asfortranarray(values("bfloat16", 3, 4)),
    "plain": values("float32", 2, 2),
}
np.savez(HERE / "odd.npz", **odd)
expect("odd", odd)
np.savez_compressed(HERE / "compressed.npz", **odd, note=np.array("saved by hand"))
expect("compressed", odd)

versions = {"one": values("float32", 3), "two": values("float32", 2, 3), "three": values("float16", 5)}
with zipfile.ZipFile(HERE / "versions.npz", "w") as archive:
    for version, (key, array) in enumerate(versions.items(), 1):
        member = io.BytesIO()
        np.lib.format.write_array(member, array, version=(version, 0))
        archive.writestr(f"{key}.npy", member.getvalue())
    archive.writestr("README.txt", "no array")
expect("versions", versions)

for seed in (1, 2):
    trained = {f"params/{k}": values("float32", 4, 4) * seed for k in "ab"}
    trained |= {"batch_stats/mean": values("float32", 4) * seed, "opt/0/mu/a": values("float32", 4, 4)}
    trained |= {"opt/0/count": np.asarray(3, np.int32)}
    np.savez(HERE / f"trained_{seed}.npz", **trained)
old = {"opt/target/a": values("float32", 4), "opt/state/a/m": values("float32", 4), "extra": np.asarray(1, np.int64)}
np.savez(HERE / "old_flax.npz", **old)

np.save(HERE / "alone.npy", values("float32", 6, 2))
expect("alone", {"arr_0": values("float32", 6, 2)})
np.savez(HERE / "objects.npz", fine=values("float32", 2), bad=np.array([{"a": 1}], dtype=object))
