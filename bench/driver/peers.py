"""Averages the same files with Stockpot and with others, in turn, and compares time, memory and results."""
import argparse
import importlib.util
import json
import shutil
import subprocess
import sys

import page
import place
import processes
from statistics_of import median, ratios, spread, table

PROJECT = place.ROOT / "bench" / "peers"
JAVA_PEERS = ["stockpot", "torch-by-tensor", "torch-by-model", "paper-loop", "plain-java"]
PYTHON_PEERS = ["paper_code", "pytorch", "mergekit", "sd_mecha"]
# Lower bounds: they move the bytes and mix nothing.
LIMITS = ["mapped-read"]
# Peers that read and write PyTorch files.
OF_TORCH_FILES = ["paper_code"]
MEANING = {
    "stockpot": "Stockpot, through the library",
    "stockpot-command": "Stockpot, the command (output made durable)",
    "mapped-read": "a limit: the files mapped and read once, nothing mixed or written",
    "torch-by-tensor": "libtorch, tensor by tensor over mapped files, F32 sums in place",
    "torch-by-model": "libtorch, model by model from mapped files, F32 sums of the whole model",
    "paper-loop": "the loop of the paper's code, in libtorch from Java",
    "paper_code": "the loop of the paper's code, in Python, from PyTorch files",
    "plain-java": "plain Java, mapped, scalar, one thread",
    "pytorch": "Python, PyTorch and safetensors, tensor by tensor",
    "mergekit": "mergekit, linear",
    "sd_mecha": "sd-mecha, n_average",
}


def command(peer, threads, out, files):
    if peer == "stockpot-command":
        return [str(place.STOCKPOT), "uniform", "-q", "--force", "--threads", str(threads), "-o", str(out), *map(str, files)]
    if peer in PYTHON_PEERS:
        script = PROJECT / "python" / f"{peer}_peer.py"
        return [sys.executable, str(script), str(threads), str(out), *map(str, files)]
    java = place.java(PROJECT, native_work=peer != "plain-java")
    return [*java, "dev.stockpot.peers.Main", peer, str(threads), str(out), *map(str, files)]


def torch_file(path):
    """The PyTorch file next to a safetensors file."""
    return path.with_suffix(".pt")


def torch_files_needed(peers):
    """Whether a peer reads PyTorch files and this interpreter, which runs the Python peers, has PyTorch."""
    return importlib.util.find_spec("torch") is not None and not set(OF_TORCH_FILES).isdisjoint(peers)


def convert(file, out):
    command = [str(place.STOCKPOT), "convert", "-q", "--force", str(file), "-o", str(out)]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)


def run_peer(peer, threads, out, files):
    """Returns the faster of two runs, and leaves the result at `out`, in safetensors."""
    if peer not in OF_TORCH_FILES:
        return processes.better_run(command(peer, threads, out, files), out)
    done = processes.better_run(command(peer, threads, torch_file(out), map(torch_file, files)), torch_file(out))
    processes.without_output(out)
    if torch_file(out).exists():
        convert(torch_file(out), out)
        processes.without_output(torch_file(out))
    return done


def distance(a, b):
    return processes.run([*place.java(PROJECT), "dev.stockpot.peers.UlpDistance", str(a), str(b)])


def measure(files, folder, out, threads, rounds, peers):
    """Each peer's runs, each the faster of two, after a round that compares the results with Stockpot's."""
    reference = folder / "reference.safetensors"
    if torch_files_needed(peers):
        for file in files:
            convert(file, torch_file(file))
    measured = {peer: {"runs": []} for peer in peers}
    for number in range(rounds + 1):
        for peer in peers:
            about = measured[peer]
            if "skipped" in about:
                continue
            place.note(f"round {number} of {rounds}: {peer}")
            done = run_peer(peer, threads, out, files)
            if done is None or "skipped" in done:
                about["skipped"] = done["skipped"] if done else "it failed"
                place.note(f"{peer}: {about['skipped']}")
                continue
            if number > 0:
                about["runs"].append(done)
            elif peer == "stockpot":
                shutil.copyfile(out, reference)
            elif peer not in LIMITS:
                about["distance"] = distance(reference, out)
    processes.without_output(out)
    processes.without_output(reference)
    return measured


def column(measured, peer, field):
    return [run[field] for run in measured[peer]["runs"]]


def difference(peer, about):
    if peer in LIMITS:
        return "none"
    if "distance" not in about:
        return "the reference"
    found = about["distance"]
    if found is None:
        return "could not be compared"
    if found["equal"]:
        return "equal bits"
    share = found["differing"] / found["elements"]
    return f"{share:.1%} of elements differ, by {found['max_ulp']} ULP and {found['max_abs']:.2g} at most"


def rows(measured):
    result = []
    for peer, about in measured.items():
        if "skipped" in about:
            result.append([MEANING[peer], "not run: " + about["skipped"], "", "", "", "", "", ""])
            continue
        # The command does not report its own time.
        own = column(measured, peer, "seconds") if peer != "stockpot-command" else None
        result.append(
            [
                MEANING[peer],
                spread(own) if own else "",
                spread(column(measured, peer, "wall")),
                spread(column(measured, peer, "system"), "{:.2f}"),
                spread(ratios(own, column(measured, "stockpot", "seconds")), "{:.1f}") if own else "",
                f"{median(column(measured, peer, 'resident')) / 1e6:.0f}",
                f"{median(column(measured, peer, 'anonymous')) / 1e6:.0f}",
                difference(peer, about),
            ]
        )
    return result


def add_options(parser):
    parser.add_argument("--like", default="bert-base", help="model whose tensors to use (default: %(default)s)")
    parser.add_argument("--size", type=place.size, default=500_000_000, help="size of an ingredient, such as 500MB")
    parser.add_argument("--dtype", default="BF16")
    parser.add_argument("--ingredients", type=int, default=8)
    parser.add_argument("--threads", type=int, default=place.machine()["processors"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", default="/dev/shm", help="folder for outputs (default: %(default)s, memory)")


def run(arguments, peers):
    copies = 2 if torch_files_needed(peers) else 1
    needed = arguments.size * (copies * arguments.ingredients + 1)
    results = arguments.size * copies
    with place.scratch(arguments.scratch, needed) as folder, place.scratch(arguments.out, results) as outputs:
        files = place.make_checkpoints(folder, arguments.ingredients, arguments.like, arguments.size, arguments.dtype)
        out = outputs / "soup.safetensors"
        return measure(files, folder, out, arguments.threads, arguments.rounds, peers)


def main():
    parser = argparse.ArgumentParser(prog="tools/bench peers", description=__doc__)
    add_options(parser)
    every = ["stockpot", "stockpot-command"] + LIMITS + JAVA_PEERS[1:] + PYTHON_PEERS
    parser.add_argument("--peers", default=",".join(every), help="peers to run besides Stockpot (default: all)")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    arguments = place.arguments_of(parser)
    peers = ["stockpot"] + [p for p in arguments.peers.split(",") if p != "stockpot"]
    unknown = [p for p in peers if p not in every]
    if unknown:
        place.fail(f"no such peer: {', '.join(unknown)}; there are {', '.join(every)}")
    machine = place.machine()
    measured = run(arguments, peers)
    options = {k: str(v) for k, v in vars(arguments).items() if k not in ("scratch", "results", "write", "json")}
    document = {"machine": machine, "options": options, "peers": measured}
    place.keep(arguments.results, f"peers-{arguments.dtype}", document)
    if arguments.json:
        print(json.dumps(document))
        return
    text = "\n\n".join(
        [
            f"    tools/bench peers --like {arguments.like} --size {arguments.size // 10**6}MB"
            f" --dtype {arguments.dtype} --ingredients {arguments.ingredients} --threads {arguments.threads}"
            f" --rounds {arguments.rounds}",
            place.describe(machine),
            f"Page-cached ingredients, output to {arguments.out}; medians of {arguments.rounds} rounds, with the least"
            " and the most. The work is from opening the first file to closing the output, in a process that has averaged"
            " two small models before. In the system: processor time, which new pages take most of.",
            table(
                ["", "work, s", "whole process, s", "in the system, s", "times Stockpot's work"]
                + ["resident MB", "anonymous MB", "result"],
                rows(measured),
            ),
        ]
    )
    page.show(f"peers-{arguments.dtype}", text, arguments.write)


if __name__ == "__main__":
    main()
