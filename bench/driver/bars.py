"""Checks each promise of speed against measurements on this machine: tools/bench bars."""
import argparse
import subprocess
import sys
import time

import formats
import jmh
import limits
import page
import peers
import place
import processes
from statistics_of import median, ratios, spread, table

OK, NOT = "met", "not met"


class Bars:
    """The table's rows, and the measurements that they come from."""

    def __init__(self):
        self.rows = []
        self.kept = {}

    def at_least(self, what, values, bar, pattern="{:.2f}"):
        self.add(what, values, f"at least {bar:g}", median(values) >= bar, pattern)

    def at_most(self, what, values, bar, pattern="{:.2f}"):
        self.add(what, values, f"at most {bar:g}", median(values) <= bar, pattern)

    def explains(self, what, values, pattern="{:.2f}"):
        self.rows.append([what, "", spread(values, pattern), "explains"])

    def add(self, what, values, bar, holds, pattern):
        self.rows.append([what, bar, spread(values, pattern), OK if holds else NOT])
        place.note(f"{OK if holds else NOT}: {what}: {self.rows[-1][2]}, {bar}")


# Reads that do no work, past or through the page cache.
PLAIN = {"past": "a plain direct read that looks at each byte", "through": "a plain read through the page cache"}


def shares(bars, arguments):
    """Soups to memory against plain reads of the same files, page-cached and from disk."""
    options = ["--like", "bert-base", "--size", str(arguments.size), "--ingredients", "8", "--dtypes", "BF16,F32,F16"]
    options += ["--rounds", str(arguments.rounds), "--threads", str(arguments.threads), "--scratch", arguments.scratch]
    bars.kept["bench"] = result = limits.measure(options)
    plain = {(s["dtype"], s["from"]): s["shares"] for s in result["soups"] if s["recipe"] == "plain read"}
    for soup in result["soups"]:
        if soup["recipe"] != "uniform" or soup["to"] != "memory":
            continue
        of = f"8 {soup['dtype']} of {arguments.size / 1e6:.0f} MB"
        if soup["from"] == "page cache":
            bar = 0.9 if soup["dtype"] == "BF16" else 0.85
            bars.at_least(f"page cache to memory, {of}: share of a plain mapped read's speed", soup["shares"], bar)
        else:
            way = "past" if soup["from"] == "disk, direct" else "through"
            what = f"disk to memory, {way} the page cache, {of}: share of a direct sequential read's speed"
            bars.at_least(what, soup["shares"], 0.9)
            bars.explains(f"the same: share that {PLAIN[way]} reaches", plain[soup["dtype"], soup["from"]])


# How much longer than a uniform soup of the same files a merge may take, by what it does.
MERGES = {
    1.25: ["linear", "task_arithmetic", "passthrough", "nearswap", "ram", "add_difference", "elected_maximum"],
    2.4: ["slerp", "nuslerp", "multislerp", "karcher", "model_stock", "geometric_median"],
    2.5: ["dare_linear", "dare_ties"],
    4: ["ties", "breadcrumbs", "breadcrumbs_ties"],
}


def merges(bars, arguments):
    """Merges to memory against uniform soups of the same files, from the page cache."""
    options = ["--like", "bert-base", "--size", str(arguments.size), "--ingredients", "8", "--dtypes", "BF16"]
    options += ["--methods", "all", "--rounds", str(arguments.rounds), "--threads", str(arguments.threads)]
    bars.kept["merges"] = result = limits.measure(options + ["--scratch", arguments.scratch])
    warm = [s for s in result["soups"] if s["from"] == "page cache" and s["to"] == "memory"]
    uniform = {s["ingredients"]: s["seconds"] for s in warm if s["recipe"] == "uniform"}
    promised = {method: bar for bar, methods in MERGES.items() for method in methods}
    for merge in warm:
        method = merge["recipe"]
        if method == "uniform":
            continue
        what = f"{method} of {merge['ingredients']}: time relative to a uniform soup of these"
        times = ratios(merge["seconds"], uniform[merge["ingredients"]])
        if method in promised:
            bars.at_most(what, times, promised[method])
        else:
            bars.explains(what, times)
        bars.rows[-1][2] += f"; {median(merge['shares']):.2f} of a mapped read's speed"


PAPER = ["paper_code", "paper-loop"]


def others(bars, arguments):
    """Careful libtorch and the paper's loop: their work against the library's, their memory against the command's.

    The paper's loop is also compared in F32, the type of the paper's models.
    """
    arguments.like, arguments.ingredients = "bert-base", 8
    bars.kept["peers"] = {}
    for dtype, careful in (("BF16", ["torch-by-tensor", "torch-by-model"]), ("F32", [])):
        arguments.dtype = dtype
        measured = peers.run(arguments, ["stockpot", "stockpot-command", *peers.LIMITS, *careful, *PAPER])
        bars.kept["peers"][dtype] = measured
        for peer in careful + PAPER:
            beside(bars, arguments, measured, peer, 8 if peer in careful else 20)


def beside(bars, arguments, measured, peer, bar):
    """One peer's rows."""
    what = f"8 {arguments.dtype} of {arguments.size / 1e6:.0f} MB: times as fast as {peer}"
    if "skipped" in measured[peer]:
        bars.rows.append([what, f"at least {bar}", measured[peer]["skipped"], "not measured"])
        return
    seconds = peers.column(measured, peer, "seconds")
    bars.at_least(what, ratios(seconds, peers.column(measured, "stockpot", "seconds")), bar, "{:.1f}")
    reads = ratios(seconds, peers.column(measured, "mapped-read", "seconds"))
    bars.explains("the same: times as fast a plain mapped read of the files is, without any work", reads, "{:.1f}")
    if peer not in PAPER:
        for field in ("anonymous", "resident"):
            part = ratios(peers.column(measured, "stockpot-command", field), peers.column(measured, peer, field))
            bars.at_most(f"the same: peak {field} memory, relative to {peer}", part, 0.1)


def second_level_cache():
    """Bytes of a processor's second-level cache; 512 KiB if the system does not report it."""
    size = place.machine()["caches"].get("L2 Unified", "512K")
    return int(size.rstrip("K")) * 1024


def kernels(bars, arguments):
    """Vector kernels against the scalar build, on data that stays in the second-level cache."""
    tile = 64 if 9 * 64 * 1024 <= 0.75 * second_level_cache() else 16
    parameters = {"dtype": "BF16,F16", "isa": "scalar,avx2,avx512", "ingredients": "8", "tileKiB": str(tile)}
    options = [word for name, value in parameters.items() for word in ("-p", f"{name}={value}")]
    setting = "short" if arguments.quick else "full"
    bars.kept["kernels"] = results = jmh.run(setting, ["KernelBenchmark", *options])
    speeds = {(r["params"]["dtype"], r["params"]["isa"]): r["primaryMetric"] for r in results}
    for dtype in ("BF16", "F16"):
        for isa in ("avx2", "avx512"):
            what = f"{isa} kernel, 8 {dtype}, {tile} KiB tiles in L2: times as fast as the scalar build"
            if (dtype, isa) not in speeds:
                bars.rows.append([what, "at least 4", "this processor has none", "not measured"])
                continue
            scalar = speeds[dtype, "scalar"]["score"]
            samples = [score / scalar for fork in speeds[dtype, isa]["rawData"] for score in fork]
            bars.at_least(what, samples, 4, "{:.1f}")


def in_process(bars, arguments):
    """Small soups in one warm JVM against a plain Java loop over the same bytes, from the page cache to memory."""
    setting = "short" if arguments.quick else "full"
    bars.kept["in-process"] = results = jmh.run(setting, ["SmallSoupBenchmark", "-bm", "avgt", "-tu", "us"])
    times = {(r["benchmark"].rsplit(".", 1)[1], r["params"]["tensors"]): r["primaryMetric"] for r in results}
    for tensors in ("8", "200"):
        plain = times["plain", tensors]["score"]
        samples = [time / plain for fork in times["atOnce", tensors]["rawData"] for time in fork]
        what = f"soup of 8 x 1 MB in {tensors} tensors to memory, in a warm JVM: time relative to a plain Java loop"
        bars.at_most(what, samples, 1.2)
        samples = [time / int(tensors) for fork in times["byTensor", tensors]["rawData"] for time in fork]
        bars.explains("the same tensor by tensor: microseconds for each", samples, "{:.0f}")


def small_tensors(bars, arguments):
    """50,000 tensors of 1 KiB against 50 of the same total bytes; eight ingredients each, one process per run."""
    kinds = {"small": (50_000, 512), "large": (50, 512_000)}
    with place.scratch(arguments.scratch, 2 * 8 * 60_000_000) as folder, place.scratch(arguments.out, 60_000_000) as outputs:
        files = {}
        for kind, (tensors, elements) in kinds.items():
            files[kind] = []
            for k in range(8):
                file = folder / f"{kind}_{k}.safetensors"
                command = [str(place.MAKE_CHECKPOINT), "-q", "--tensors", str(tensors), "--elements", str(elements)]
                subprocess.run(command + ["--dtype", "BF16", "--seed", str(k + 1), "-o", str(file)], check=True)
                files[kind].append(file)
        runs = {"small": [], "large": []}
        out = outputs / "soup.safetensors"
        for number in range(arguments.rounds + 1):
            for kind in kinds:
                done = processes.better_run(peers.command("stockpot-command", arguments.threads, out, files[kind]), out)
                if done is None:
                    place.fail("a soup failed")
                if number > 0:
                    runs[kind].append(done["wall"])
    bars.kept["small_tensors"] = runs
    what = "8 ingredients of 50,000 tensors: time of the command, relative to 50 tensors of the same bytes"
    bars.at_most(what, ratios(runs["small"], runs["large"]), 2)


def small_soup(bars, arguments):
    """The command's time from start to exit."""
    with place.scratch(arguments.scratch, 20_000_000) as folder:
        files = place.make_checkpoints(folder, 8, "clip-vit-b32", 1_000_000, "BF16")
        out = folder / "soup.safetensors"
        walls = []
        for number in range(2 * arguments.rounds + 1):
            processes.without_output(out)
            command = peers.command("stockpot-command", arguments.threads, out, files)
            start = time.monotonic()
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
            if number > 0:
                walls.append(time.monotonic() - start)
    bars.kept["small_soup"] = walls
    bars.at_most("soup of 8 ingredients of 1 MB, start to exit, seconds", walls, 0.7)


def linear(bars, arguments):
    """A soup of larger ingredients: time per byte, and that memory does not grow. tools/bench tables has more sizes."""
    small, large = arguments.size // 2, 2 * arguments.size
    with place.scratch(arguments.scratch, 8 * (small + large)) as folder, place.scratch(arguments.out, large) as outputs:
        files = {
            size: place.make_checkpoints(folder, 8, "llama-7b", size, "BF16", name=f"of_{size}")
            for size in (small, large)
        }
        out = outputs / "soup.safetensors"
        runs = {small: [], large: []}
        for number in range(arguments.rounds + 1):
            for size in runs:
                done = processes.better_run(peers.command("stockpot", arguments.threads, out, files[size]), out)
                if done is None:
                    place.fail("a soup failed")
                if number > 0:
                    runs[size].append(done)
    bars.kept["linear"] = {str(size): found for size, found in runs.items()}
    a_byte = {size: [run["seconds"] / size for run in found] for size, found in runs.items()}
    what = f"8 ingredients of {large / 1e6:.0f} MB: time per byte, relative to {small / 1e6:.0f} MB"
    bars.at_most(what, ratios(a_byte[large], a_byte[small]), 1.1)
    grown = [(b["anonymous"] - a["anonymous"]) / 1e6 for a, b in zip(runs[small], runs[large])]
    bars.at_most("the same: growth of peak anonymous memory, MB", grown, 32, "{:.0f}")


PARTS = {
    "shares": shares,
    "others": others,
    "kernels": kernels,
    "in-process": in_process,
    "small-tensors": small_tensors,
    "small-soup": small_soup,
    "linear": linear,
}
# Parts that take as long as all others: measured if they are named, for a table of their own.
APART = {"merges": merges, "formats": formats.measure}


def summary(rows):
    """How many promises are met, in a sentence."""
    met = sum(row[3] == OK for row in rows)
    missed = sum(row[3] == NOT for row in rows)
    return f"**{met} of {met + missed} promises are met here, {missed} {'is' if missed == 1 else 'are'} not.**"


def main():
    parser = argparse.ArgumentParser(prog="tools/bench bars", description=__doc__)
    parser.add_argument("--size", type=place.size, default=500_000_000, help="size of an ingredient (default: 500MB)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=place.machine()["processors"])
    parser.add_argument("--out", default="/dev/shm", help="folder for outputs (default: %(default)s, memory)")
    parser.add_argument("--only", choices=[*PARTS, *APART], action="append", help="run only this part; repeatable")
    parser.add_argument("--quick", action="store_true", help="short JMH runs")
    arguments = place.arguments_of(parser)
    machine = place.machine()
    bars = Bars()
    for name in arguments.only or PARTS:
        place.note(f"-- {name}")
        {**PARTS, **APART}[name](bars, arguments)
    place.keep(arguments.results, "bars", {"machine": machine, "rows": bars.rows, "measured": bars.kept})
    text = "\n\n".join(
        [
            f"    tools/bench bars --size {arguments.size // 10**6}MB --rounds {arguments.rounds}"
            f" --threads {arguments.threads}" + "".join(f" --only {name}" for name in arguments.only or []),
            place.describe(machine),
            summary(bars.rows),
            table(["promise", "", "bar", "median (least to most)"], [[row[0], row[3], *row[1:3]] for row in bars.rows]),
        ]
    )
    apart = arguments.only and set(arguments.only) <= set(APART)
    page.show("-".join(["bars", *arguments.only]) if apart else "bars", text, arguments.write)
    sys.exit(1 if any(row[3] == NOT for row in bars.rows) else 0)


if __name__ == "__main__":
    main()
