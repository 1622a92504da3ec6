"""Runs the same commands with two builds of Stockpot, and shows where their results differ.

    python3 bench/driver/same_results.py BEFORE AFTER

BEFORE and AFTER are roots of two built checkouts. Each command runs once with each build, in a fresh output folder
and with the same files under the same names. Compared are the exit code, stdout and stderr except for times and speeds,
and every file that the command leaves: outputs byte for byte, journals without the seconds that an evaluation took.
"""

import difflib
import hashlib
import itertools
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TORCHSCRIPT = ["--evaluator", "torchscript:f/model.torchscript.pt", "--data", "f/heldout.safetensors"]
SUM = ["--evaluator", "cmd:python3 f/score.py {checkpoint}"]
MODELS = [f"f/model_0{i}.safetensors" for i in range(8)]

COMMANDS = {
    "uniform": ["uniform", "-o", "out/soup.safetensors", "--json", *MODELS],
    "uniform-text": ["uniform", "-o", "out/soup.safetensors", *MODELS],
    "weighted": ["uniform", "-o", "out/soup.safetensors", "--weights", "3,-1,0.5", "--dtype", "BF16", *MODELS[:3]],
    "not-normalized": ["uniform", "-o", "out/soup.pt", "--weights", "0.5,0.5", "--no-normalize", *MODELS[:2]],
    "directory": ["uniform", "-o", "out/soup", "--max-shard-size", "200KB", *MODELS],
    "mixed-formats": ["uniform", "-o", "out/soup.safetensors", "--dtype", "F16", "f/model_00.pt", "f/model_02.pt"],
    "like": ["uniform", "-o", "out/soup.ckpt", "--like", "f/lightning.ckpt", "f/lightning.ckpt", "f/lightning.ckpt"],
    "greedy-torchscript": ["greedy", "-o", "out/soup.safetensors", *TORCHSCRIPT, "--json", *MODELS],
    "greedy-command": ["greedy", "-o", "out/soup", *SUM, "--passes", "2", "--order", "random:3", *MODELS],
    "greedy-minimize": ["greedy", "-o", "out/soup.pt", *TORCHSCRIPT, "--metric", "loss", "--minimize", *MODELS[:5]],
    "learned": ["learned", "-o", "out/soup.safetensors", *TORCHSCRIPT, "--epochs", "2", "--json", *MODELS[:4]],
    "learned-tensor": [
        "learned", "-o", "out/soup.safetensors", *TORCHSCRIPT, "--epochs", "2", "--granularity", "tensor",
        "--early-stop", "0.2", *MODELS[:3]],
    "learned-cma": [
        "learned", "-o", "out/soup.safetensors", *SUM, "--optimizer", "cma-es", "--evaluations", "12", "--json",
        *MODELS[:3]],
    "learned-from-greedy": [
        "learned", "-o", "out/soup.safetensors", *TORCHSCRIPT, "--epochs", "1", "--init", "greedy", *MODELS[:4]],
    "diagnose": ["diagnose", "--json", *MODELS],
    "diagnose-base": ["diagnose", "--base", "f/model_07.safetensors", *TORCHSCRIPT, "--points", "0,0.5,1", *MODELS[:4]],
    "evaluate": ["evaluate", *TORCHSCRIPT, "--json", *MODELS],
    "inspect": ["inspect", "--json", "--checksums", "f/timm_ema.pth.tar", "--key", "state_dict_ema"],
    "inspect-text": ["inspect", "f/every_dtype.bin"],
    "compare": ["compare", "--json", *MODELS[:2]],
    "compare-same": ["compare", MODELS[0], MODELS[0]],
    "convert-torch": ["convert", "f/views_and_ties.pt", "-o", "out/views.safetensors", "--json"],
    "convert-dtype": ["convert", MODELS[3], "-o", "out/model.bin", "--dtype", "F8_E4M3"],
    "report": [
        "greedy", "-o", "out/soup.safetensors", *TORCHSCRIPT, "--report", "out/report", "--shift-data",
        "f/shift_blur.safetensors", *MODELS[:4]],
    "names-differ": ["uniform", "-o", "out/soup.safetensors", MODELS[0], "f/timm_ema.pth.tar"],
    "zero-sum": ["uniform", "-o", "out/soup.safetensors", "--weights", "1,-1", *MODELS[:2]],
    "missing": ["uniform", "-o", "out/soup.safetensors", MODELS[0], "f/none.safetensors"],
    "exists": ["convert", MODELS[0], "-o", "f/model_01.safetensors"],
    "several-mappings": ["inspect", "f/hostile_not_a_checkpoint.pt"],
    "key-of-safetensors": ["inspect", MODELS[0], "--key", "model"],
    "bad-evaluator": ["evaluate", "--evaluator", "cmd:false {checkpoint}", MODELS[0]],
    "no-such-metric": ["greedy", "-o", "out/soup.safetensors", *SUM, "--metric", "f1", *MODELS[:2]],
    "wrong-usage": ["uniform", "--force"],
    "help": ["greedy", "--help"],
    "no-gpu": ["uniform", "-o", "out/soup.safetensors", "--backend", "cuda", *MODELS[:2]],
}

SHOWN_LINES = 30
SHOWN_CHARACTERS = 300

SCORE = """import sys, os, zlib
path = sys.argv[1]
files = sorted(os.path.join(path, f) for f in os.listdir(path)) if os.path.isdir(path) else [path]
sums = [zlib.crc32(open(f, "rb").read()[-20000:]) for f in files if f.endswith(".safetensors")]
print('{"accuracy": %.6f, "loss": %.6f}' % (sum(sums) % 9000 / 1e4, sum(sums) % 7000 / 1e4))
"""


def make_files(folder: Path, root: Path):
    """The files that commands read: real ones from the checkout, and an evaluator that scores by content."""
    folder.mkdir()
    resources = root / "src/test/resources"
    for source in [
            *sorted((root / "examples/ingredients").glob("*.safetensors")),
            *sorted(p for p in (resources / "torch").iterdir() if p.is_file()),
            *sorted((resources / "evaluate").glob("*.*"))]:
        shutil.copyfile(source, folder / source.name)
    (folder / "score.py").write_text(SCORE)


def plain(text: str, work: Path) -> str:
    """Replaces what differs from run to run: times, speeds, the folder."""
    text = text.replace(str(work), "WORK")
    text = re.sub(r"epoch \d+, step \d+ of .*\n", "", text)  # printed by a timer
    text = re.sub(r"20\d\d-\d\d-\d\d[T ][\d:.]+Z?", "DATE", text)
    return re.sub(r"[\d.]+ ([GM]B/s|s left|seconds?)|\"seconds\" ?: ?[\d.E-]+|\d+(\.\d+)? s\b", "TIME", text)


def left(work: Path) -> dict:
    files = {}
    for path in sorted((work / "out").rglob("*")):
        name = str(path.relative_to(work))
        if path.is_dir():
            files[name] = "directory"
        elif name.endswith((".jsonl", ".html")):
            files[name] = plain(path.read_text(), work).splitlines()
        else:
            files[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return files


def run(root: Path, words: list, work: Path) -> dict:
    (work / "out").mkdir()
    done = subprocess.run(
        [str(root / "tools/stockpot"), *words], cwd=work, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    result = {
        "exit": done.returncode, "stdout": plain(done.stdout, work), "stderr": plain(done.stderr, work),
        "files": left(work)}
    shutil.rmtree(work / "out")
    return result


def main(before: Path, after: Path, only: list) -> int:
    differing = 0
    with tempfile.TemporaryDirectory(prefix="same-results-") as folder:
        work = Path(folder)
        make_files(work / "f", after)
        for name, words in COMMANDS.items():
            if only and name not in only:
                continue
            was, now = run(before, words, work), run(after, words, work)
            same = was == now
            differing += not same
            print(f"{name}: exit {now['exit']}, {len(now['files'])} files: {'the same' if same else 'DIFFERS'}", flush=True)
            for part in was:
                if was[part] != now[part]:
                    print_difference(part, show(was[part]), show(now[part]))
    print(f"{differing} commands differ" if differing else "all commands give the same results")
    return 1 if differing else 0


def print_difference(part: str, was: str, now: str):
    lines = difflib.unified_diff(was.splitlines(), now.splitlines(), f"{part} before", f"{part} after", "", "", 0, "")
    for line in itertools.islice(lines, SHOWN_LINES):
        print(line[:SHOWN_CHARACTERS])


def show(value) -> str:
    return value if isinstance(value, str) else json.dumps(value, indent=1)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), sys.argv[3:]))
