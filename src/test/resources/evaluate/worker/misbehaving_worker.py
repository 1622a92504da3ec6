"""A worker that does one thing wrong: misbehaving_worker.py EVALUATORS_FOLDER MODE [MARKER].

It misbehaves on checkpoints whose file name contains "bad", and scores others properly. MARKER identifies the process.
"""

import os
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, sys.argv[1])
import stockpot_worker as pb  # noqa: E402

MODE = sys.argv[2]
TRANSPOSED = os.path.join(os.path.dirname(__file__), "../../torch/views_and_ties.pt")
write_safetensors = pb.write_safetensors
GOOD = pb._message(3, pb._message(1, pb._text(1, "accuracy") + pb._double(2, 0.5)))


def send(request_id, reply):
    send_bytes(pb._varint(len(pb._uint(1, request_id) + reply)) + pb._uint(1, request_id) + reply)


def send_bytes(data):
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def metrics(*pairs):
    return pb._message(3, b"".join(pb._message(1, pb._text(1, name) + pb._double(2, value)) for name, value in pairs))


def hang():
    time.sleep(600)


def hang_with_child():
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"] + sys.argv[3:])
    hang()


def close_stdout():
    os.close(1)
    hang()


def write_to(path):
    with open(path, "r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\x55")


def misbehave(request_id, path):
    if MODE == "dies":
        os._exit(7)
    elif MODE == "is-killed":
        os.kill(os.getpid(), signal.SIGKILL)
    elif MODE == "hangs":
        hang_with_child()
    elif MODE == "closes-stdout":
        close_stdout()
    elif MODE == "dies-in-a-frame":
        send_bytes(pb._varint(100) + pb._uint(1, request_id))
        os._exit(7)
    elif MODE == "garbage":
        send_bytes(b"\x14\x08" + b"\xff" * 19)
    elif MODE == "overlong":
        send_bytes(pb._varint(100 << 20))
    elif MODE == "endless-length":
        send_bytes(b"\xff" * 20)
    elif MODE == "empty":
        send_bytes(b"\x00")
    elif MODE == "prints":
        print("Epoch 1 of 3", flush=True)
        send(request_id, GOOD)
    elif MODE == "wrong-id":
        send(request_id + 1, GOOD)
    elif MODE == "wrong-type":
        send(request_id, pb._message(16, b""))
    elif MODE == "nan":
        send(request_id, metrics(("accuracy", float("nan"))))
    elif MODE == "no-metric":
        send(request_id, metrics())
    elif MODE == "metric-twice":
        send(request_id, metrics(("accuracy", 0.5), ("accuracy", 0.6)))
    elif MODE == "other-metric":
        send(request_id, metrics(("perplexity", 0.5)))
    elif MODE == "writes":
        write_to(path)
        send(request_id, GOOD)
    elif MODE == "fails":
        send(request_id, pb._message(17, pb._text(1, "out of ideas") + pb._text(2, "Traceback: in thought")))
    elif MODE == "fails-at-length":
        sys.stderr.write(("e" * 5000 + "\n") * 30)
        sys.stderr.flush()
        send(request_id, pb._message(17, pb._text(1, "m" * 5_000_000) + pb._text(2, "t\n" * 5_000_000)))
    elif MODE == "metrics-at-length":
        send(request_id, metrics(*((str(i) * 1000, float("nan")) for i in range(2000))))
    else:
        raise ValueError(MODE)


def gradient(checkpoint, batch):
    import numpy

    class BFloat16:
        shape = (3,)
        dtype = "bfloat16"

    by = {"w": numpy.array([1.0, 2.0, 3.0], numpy.float32)}
    if MODE == "gradient-of-another-name":
        by = {"model.w": by["w"], "n": numpy.zeros(2)}
    elif MODE == "gradient-of-another-shape":
        by = {"w": numpy.zeros((3, 1))}
    elif MODE == "gradient-is-no-file":
        pb.write_safetensors = lambda path, tensors: None
    elif MODE == "gradient-of-another-type":
        pb.write_safetensors = write_half
    elif MODE == "gradient-is-text":
        pb.write_safetensors = lambda path, tensors: open(path, "w").write("loss: 3")
    elif MODE == "gradient-is-torch":
        pb.write_safetensors = lambda path, tensors: shutil.copy(TRANSPOSED, path)
    elif MODE == "gradient-is-index":
        pb.write_safetensors = write_index
    elif MODE == "gradient-is-link":
        pb.write_safetensors = write_link
    elif MODE == "gradient-is-link-to-nothing":
        pb.write_safetensors = lambda path, tensors: os.symlink(path + ".none", path)
    return float("nan") if MODE == "gradient-nan" else 1.5, -0.5, by


def write_index(path, tensors):
    write_safetensors(os.path.join(os.path.dirname(path), "shard.safetensors"), tensors)
    with open(path, "w") as file:
        file.write('{"metadata": {}, "weight_map": {"w": "shard.safetensors"}}')


def write_link(path, tensors):
    write_safetensors(path + ".target", tensors)
    os.symlink(path + ".target", path)


def write_half(path, tensors):
    header = b'{"w":{"dtype":"BF16","shape":[3],"data_offsets":[0,6]}}'
    with open(path, "wb") as file:
        file.write(len(header).to_bytes(8, "little") + header + b"\0" * 6)


def evaluate(checkpoint, batch):
    if MODE == "serve-prints":
        print("a print of the user's")
        os.system("echo a print of a child")
    elif MODE == "serve-sleeps":
        hang()
    elif MODE == "serve-raises":
        raise KeyError("fc9.weight")
    return 0.25 if batch is None else {"accuracy": 0.25}


print("the worker's mode is " + MODE, file=sys.stderr, flush=True)
if MODE == "exits-at-start":
    sys.exit(3)
if MODE == "prints-at-start":
    print("usage: worker DATA", flush=True)
    sys.exit(2)
if MODE == "hangs-at-start":
    hang_with_child()
if MODE.startswith(("serve", "gradient")):
    pb.serve(evaluate, gradient, examples=10, name=MODE)

while True:
    request = pb._fields(pb._read_frame(sys.stdin.buffer))
    number = pb._last(request, 1)
    if 2 in request:
        version = 9 if MODE == "another-version" else 1
        name = str(os.getpid()) if MODE == "changes" else MODE
        send(number, pb._message(2, pb._uint(1, version) + pb._text(2, name) + pb._uint(4, 1) + pb._text(7, "accuracy")))
    elif 3 in request:
        checkpoint = pb._last(pb._fields(pb._last(request, 3)), 1).decode()
        if "bad" in os.path.basename(checkpoint):
            misbehave(number, checkpoint)
        else:
            send(number, GOOD)
    else:
        sys.exit(0)
