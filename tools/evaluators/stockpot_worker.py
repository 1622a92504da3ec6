"""Lets a Python program score candidates for Stockpot (`--evaluator "worker:python3 PROGRAM ..."`).

One file, Python 3.8 or later, nothing to install; NumPy or PyTorch is used only if the program asks for arrays or
tensors. Copy it next to the program, which ends in a call of `serve`:

    import stockpot_worker

    def evaluate(checkpoint, batch):
        weights = checkpoint.numpy()
        return {"accuracy": ...}

    stockpot_worker.serve(evaluate, name="my model", identity="held-out set, version 3")

The messages are those of src/main/proto/stockpot_worker.proto; docs/worker-protocol.md explains them.
"""

import ctypes
import functools
import hashlib
import json
import mmap
import operator
import os
import queue
import struct
import sys
import threading
import traceback

PROTOCOL_VERSION = 1
FRAME_LIMIT = 64 << 20

# Wire types of Protocol Buffers.
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


class Batch:
    """Examples of the held-out set.

    examples: their indices from 0, a list of int
    beta: what multiplies the logits before the loss is taken, a float
    """

    def __init__(self, examples, beta):
        self.examples = examples
        self.beta = beta


class Tensor:
    """A tensor of a file: its safetensors dtype ("F32", "BF16", ...), shape (a tuple) and values (a memoryview)."""

    def __init__(self, dtype, shape, values):
        self.dtype = dtype
        self.shape = shape
        self.values = values


class Checkpoint:
    """A candidate's file, mapped. Writing to its arrays or tensors changes them, never the file.

    path: of the file, which may be deleted after the evaluation
    tensors: by name, in the file's order
    """

    def __init__(self, path):
        self.path = path
        self.tensors = read_safetensors(path)

    def numpy(self):
        """NumPy arrays by name; BF16, which NumPy has no type for, is widened to float32."""
        return {name: to_numpy(tensor) for name, tensor in self.tensors.items()}

    def torch(self):
        """PyTorch tensors on the CPU by name, over the mapped bytes."""
        return {name: to_torch(tensor) for name, tensor in self.tensors.items()}


def serve(evaluate, gradient=None, examples=0, metrics=(), name="", identity=""):
    """Answers Stockpot until it sends the last request or goes away. Never returns.

    evaluate(checkpoint, batch): returns a dict of metrics by name, the main one first, or one number (called "score").
        batch is None for the whole held-out set; otherwise the dict holds "loss", the mean cross-entropy of batch.beta
        times the logits over batch.examples.
    gradient(checkpoint, batch), if given: returns the loss, its derivative with respect to beta, and a dict of its
        derivatives with respect to the checkpoint's float tensors (NumPy arrays or PyTorch tensors, of the tensors' shapes).
    examples: how many the held-out set has; needed with gradient
    metrics: names that every dict for the whole held-out set holds, the main one first; empty: not known beforehand
    name: for messages
    identity: what scores depend on besides the candidate, such as digests of data and code; Stockpot keeps scores, and
        does not use those kept from another identity

    What the program prints goes to stderr from here on. An exception in evaluate or gradient is reported to Stockpot.
    """
    answers = _Answers(evaluate, gradient, examples, list(metrics), name or os.path.basename(sys.argv[0]), identity)
    requests, replies = _take_pipes()
    try:
        while True:
            frame = requests.get()
            request_id, reply = answers.to(frame)
            if reply is None:
                break
            message = _uint(1, request_id) + reply
            if len(message) > FRAME_LIMIT:
                raise ValueError("a reply of %d bytes is longer than %d" % (len(message), FRAME_LIMIT))
            replies.write(_varint(len(message)) + message)
            replies.flush()
    except KeyboardInterrupt:
        os._exit(130)
    sys.stderr.flush()
    sys.exit(0)


def digest(*paths):
    """SHA-256 of files, one after the other, in hexadecimal: for an identity that follows their content."""
    sha = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            for part in iter(lambda: file.read(1 << 20), b""):
                sha.update(part)
    return sha.hexdigest()


class _Answers:
    def __init__(self, evaluate, gradient, examples, metrics, name, identity):
        self.evaluate = evaluate
        self.gradient = gradient
        self.examples = examples
        self.metrics = metrics
        self.name = name
        self.identity = identity

    def to(self, frame):
        """The request's id, and the reply's other fields; None if there is no reply, as the worker is to end."""
        request = _fields(frame)
        request_id = _last(request, 1, 0)
        if 5 in request:
            return request_id, None
        try:
            if 2 in request:
                return request_id, _message(2, self.hello(_fields(_last(request, 2))))
            if 3 in request:
                return request_id, _message(3, self.scores(_fields(_last(request, 3))))
            if 4 in request:
                return request_id, _message(16, self.differentiate(_fields(_last(request, 4))))
            raise ValueError("the request %r is not known" % sorted(request))
        except Exception as error:  # whatever the user's code raises
            what = "%s: %s" % (type(error).__name__, error)
            return request_id, _message(17, _text(1, what[:10000]) + _text(2, traceback.format_exc()[-100000:]))

    def hello(self, hello):
        if _last(hello, 1, 0) != PROTOCOL_VERSION:
            raise ValueError("speaks only version %d of the protocol" % PROTOCOL_VERSION)
        reply = _uint(1, PROTOCOL_VERSION) + _text(2, self.name) + _text(3, self.identity) + _uint(4, 1)
        if self.gradient is not None:
            reply += _uint(5, 1)
        return reply + _uint(6, self.examples) + b"".join(_text(7, metric) for metric in self.metrics)

    def scores(self, request):
        batch = _batch(_last(request, 2)) if 2 in request else None
        scores = self.evaluate(Checkpoint(_last(request, 1).decode()), batch)
        if not isinstance(scores, dict):
            scores = {"score": scores}
        return b"".join(
            _message(1, _text(1, metric) + _double(2, float(value))) for metric, value in scores.items()
        )

    def differentiate(self, request):
        checkpoint = Checkpoint(_last(request, 1).decode())
        loss, by_beta, by_tensor = self.gradient(checkpoint, _batch(_last(request, 2)))
        write_safetensors(_last(request, 3).decode(), by_tensor)
        return _double(1, float(loss)) + _double(2, float(by_beta))


def _take_pipes():
    """A queue of the frames that come in, and the file that replies go to.

    The real stdin and stdout are kept for these only. Frames are read in a thread, so that the worker ends as soon as
    Stockpot does, even in the middle of an evaluation.
    """
    stdin = os.fdopen(os.dup(0), "rb")
    stdout = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    sys.stdout.flush()
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    frames = queue.Queue()

    def read():
        try:
            while True:
                frames.put(_read_frame(stdin))
        except EOFError:
            os._exit(0)
        except ValueError as error:
            sys.stderr.write("stockpot_worker: %s\n" % error)
            sys.stderr.flush()
            os._exit(1)

    threading.Thread(target=read, daemon=True).start()
    return frames, stdout


def _read_frame(stream):
    length, shift = 0, 0
    while True:
        byte = _read(stream, 1)[0]
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
        if shift > 28:
            raise ValueError("a request's length takes more than five bytes")
    if length > FRAME_LIMIT:
        raise ValueError("a request of %d bytes is longer than %d" % (length, FRAME_LIMIT))
    return _read(stream, length)


def _read(stream, length):
    data = stream.read(length)
    if len(data) < length:
        raise EOFError()
    return data


# Protocol Buffers: only what these messages need.


def _varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _uint(field, value):
    return _varint(field << 3 | VARINT) + _varint(value)


def _double(field, value):
    return _varint(field << 3 | FIXED64) + struct.pack("<d", value)


def _message(field, data):
    return _varint(field << 3 | BYTES) + _varint(len(data)) + data


def _text(field, value):
    return _message(field, value.encode("utf-8", "replace"))


def _take_varint(data, at):
    value, shift = 0, 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def _fields(data):
    """A message's fields: lists of values by number; an int, a float, or bytes."""
    fields, at = {}, 0
    while at < len(data):
        tag, at = _take_varint(data, at)
        kind = tag & 7
        if kind == VARINT:
            value, at = _take_varint(data, at)
        elif kind == FIXED64:
            value, at = struct.unpack_from("<d", data, at)[0], at + 8
        elif kind == BYTES:
            length, at = _take_varint(data, at)
            value, at = data[at : at + length], at + length
        elif kind == FIXED32:
            value, at = data[at : at + 4], at + 4
        else:
            raise ValueError("a field of the unknown wire type %d" % kind)
        fields.setdefault(tag >> 3, []).append(value)
    return fields


def _last(fields, number, default=b""):
    return fields[number][-1] if number in fields else default


def _batch(data):
    fields = _fields(data)
    examples = []
    for part in fields.get(1, []):
        if isinstance(part, int):
            examples.append(part)
            continue
        at = 0
        while at < len(part):
            example, at = _take_varint(part, at)
            examples.append(example)
    return Batch(examples, _last(fields, 2, 0.0))


# Safetensors: https://github.com/huggingface/safetensors, "Format".

_ITEM_BYTES = {
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "U16": 2, "I16": 2, "F16": 2, "BF16": 2,
    "U32": 4, "I32": 4, "F32": 4, "U64": 8, "I64": 8, "F64": 8,
}  # fmt: skip
_NUMPY = {
    "BOOL": "?", "U8": "u1", "I8": "i1", "U16": "<u2", "I16": "<i2", "F16": "<f2",
    "U32": "<u4", "I32": "<i4", "F32": "<f4", "U64": "<u8", "I64": "<i8", "F64": "<f8",
}  # fmt: skip
_TORCH = {
    "BOOL": "bool", "U8": "uint8", "I8": "int8", "I16": "int16", "I32": "int32", "I64": "int64", "U16": "uint16",
    "U32": "uint32", "U64": "uint64", "F16": "float16", "BF16": "bfloat16", "F32": "float32", "F64": "float64",
    "F8_E4M3": "float8_e4m3fn", "F8_E5M2": "float8_e5m2",
}  # fmt: skip


def read_safetensors(path):
    """Tensors of a file by name, over a private mapping of it."""
    with open(path, "rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    (length,) = struct.unpack_from("<Q", mapped, 0)
    header = json.loads(mapped[8 : 8 + length].decode("utf-8"))
    values = memoryview(mapped)[8 + length :]
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            tensors[name] = Tensor(entry["dtype"], tuple(entry["shape"]), values[begin:end])
    return tensors


def to_numpy(tensor):
    """A NumPy array over a Tensor's values; BF16 as float32."""
    import numpy

    if tensor.dtype == "BF16":
        wide = numpy.frombuffer(tensor.values, dtype="<u2").astype("<u4") << numpy.uint32(16)
        return wide.view("<f4").reshape(tensor.shape)
    if tensor.dtype not in _NUMPY:
        raise TypeError("NumPy has no type for %s" % tensor.dtype)
    return numpy.frombuffer(tensor.values, dtype=_NUMPY[tensor.dtype]).reshape(tensor.shape)


def to_torch(tensor):
    """A PyTorch tensor on the CPU over a Tensor's values."""
    import torch

    dtype = getattr(torch, _TORCH.get(tensor.dtype, ""), None)
    if dtype is None:
        raise TypeError("this PyTorch has no type for %s" % tensor.dtype)
    if not tensor.values.nbytes:
        return torch.empty(tensor.shape, dtype=dtype)
    misaligned = ctypes.addressof(ctypes.c_char.from_buffer(tensor.values)) % _ITEM_BYTES[tensor.dtype]
    values = bytearray(tensor.values) if misaligned else tensor.values
    return torch.frombuffer(values, dtype=dtype).reshape(tensor.shape)


def write_safetensors(path, tensors):
    """Writes NumPy arrays or PyTorch tensors by name to a new file: float64 as F64, every other type as F32."""
    # The larger type first, so that every tensor is aligned.
    ordered = sorted(tensors.items(), key=lambda entry: _is_double(entry[1]), reverse=True)
    header, at = {}, 0
    for name, values in ordered:
        dtype, item = ("F64", 8) if _is_double(values) else ("F32", 4)
        shape = [int(size) for size in values.shape]
        end = at + functools.reduce(operator.mul, shape, item)
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, end]}
        at = end
    text = json.dumps(header).encode("utf-8")
    text += b" " * (-len(text) % 8)
    with open(path, "xb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, values in ordered:
            _write_values(file, values)


def _is_double(values):
    return str(values.dtype).split(".")[-1] == "float64"


def _write_values(file, values):
    """Writes an array's or a tensor's values, little-endian, one copy at a time."""
    if type(values).__module__.split(".")[0] == "torch":
        import torch

        wide = torch.float64 if _is_double(values) else torch.float32
        values = values.detach().to("cpu", wide).contiguous()
        # Not through NumPy, which may not be installed.
        count = values.numel() * values.element_size()
        if count:
            file.write((ctypes.c_ubyte * count).from_address(values.data_ptr()))
    else:
        import numpy

        array = numpy.ascontiguousarray(values, dtype="<f8" if _is_double(values) else "<f4")
        file.write(array.reshape(-1).view("u1"))
