"""Soups of the same tensors in formats other than safetensors, each written in its own: a part of tools/bench bars."""
import json
import struct
import subprocess

import peers
import place
import processes
from statistics_of import ratios

# The most that a soup may take of the time of a soup of safetensors files.
BAR = 1.2
COUNT = 4
NAMES = {"npz": "an archive of NumPy", "gguf": "GGUF", "onnx": "ONNX with a data file"}
GGUF_TYPES = {"F32": 0, "F16": 1}
ONNX_TYPES = {"F32": 1, "F16": 10}


def measure(bars, arguments):
    """Uniform soups by the command, from the page cache to a file, in turn with those of safetensors files."""
    bars.kept["formats"] = {}
    for dtype in ("F32", "F16"):
        needed = 5 * COUNT * arguments.size
        with place.scratch(arguments.scratch, needed) as folder, place.scratch(arguments.out, arguments.size) as outputs:
            runs = measure_type(arguments, dtype, folder, outputs)
        bars.kept["formats"][dtype] = runs
        for ending in NAMES:
            what = f"soup of {COUNT} {dtype} of {arguments.size / 1e6:.0f} MB in {NAMES[ending]}"
            bars.at_most(f"{what}: time relative to safetensors", ratios(runs[ending], runs["safetensors"]), BAR)


def measure_type(arguments, dtype, folder, outputs):
    """Seconds of the command, by the ending of its files."""
    files = {"safetensors": place.make_checkpoints(folder, COUNT, "bert-base", arguments.size, dtype)}
    first = files["safetensors"][0]
    like = {"gguf": gguf(folder / "like.gguf", first), "onnx": onnx(folder / "like.onnx", first)}
    for ending in NAMES:
        files[ending] = [file.with_suffix(f".{ending}") for file in files["safetensors"]]
        for file, out in zip(files["safetensors"], files[ending]):
            more = ["--like", str(like[ending])] if ending in like else []
            command = [str(place.STOCKPOT), "convert", "-q", str(file), "-o", str(out), *more]
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    runs = {ending: [] for ending in files}
    for number in range(arguments.rounds + 1):
        for ending in files:
            out = outputs / f"soup.{ending}"
            command = peers.command("stockpot-command", arguments.threads, out, files[ending])
            done = processes.better_run(command, out)
            for left in outputs.iterdir():
                left.unlink()
            if done is None:
                place.fail(f"a soup of {ending} files failed")
            if number > 0:
                runs[ending].append(done["wall"])
    return runs


def tensors(file):
    """Name, type, shape and bytes of a safetensors file's tensors."""
    with open(file, "rb") as opened:
        header = json.loads(opened.read(struct.unpack("<Q", opened.read(8))[0]))
    header.pop("__metadata__", None)
    return [(n, t["dtype"], t["shape"], t["data_offsets"][1] - t["data_offsets"][0]) for n, t in header.items()]


def gguf(path, file):
    """A GGUF file with the tensors of a safetensors file, all zero, that outputs are written like."""
    found = tensors(file)
    infos, offset = b"", 0
    for name, dtype, shape, size in found:
        word = name.encode()
        infos += struct.pack("<Q", len(word)) + word + struct.pack(f"<I{len(shape)}Q", len(shape), *reversed(shape))
        infos += struct.pack("<IQ", GGUF_TYPES[dtype], offset)
        offset += -(-size // 32) * 32
    head = b"GGUF" + struct.pack("<IQQ", 3, len(found), 0) + infos
    with open(path, "wb") as out:
        out.write(head)
        out.truncate(-(-len(head) // 32) * 32 + offset)
    return path


def onnx(path, file):
    """An ONNX model with the tensors of a safetensors file as initializers in a data file, all zero."""
    graph, offset = b"", 0
    for name, dtype, shape, size in tensors(file):
        tensor = b"".join(number(1, length) for length in shape) + number(2, ONNX_TYPES[dtype]) + text(8, name)
        for key, value in (("location", path.name + ".data"), ("offset", str(offset)), ("length", str(size))):
            tensor += field(13, text(1, key) + text(2, value))
        graph += field(5, tensor + number(14, 1))
        offset += size
    path.write_bytes(number(1, 8) + field(7, graph))
    with open(f"{path}.data", "wb") as out:
        out.truncate(offset)
    return path


def varint(value):
    """A number of protocol buffers."""
    low = value & 0x7F
    return bytes([low]) if value < 0x80 else bytes([low | 0x80]) + varint(value >> 7)


def number(key, value):
    return varint(key << 3) + varint(value)


def field(key, content):
    return varint(key << 3 | 2) + varint(len(content)) + content


def text(key, value):
    return field(key, value.encode())
