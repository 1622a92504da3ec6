"""Paths, a description of the machine, and a scratch folder that is removed after the run."""
import contextlib
import datetime
import json
import os
import pathlib
import platform
import shutil
import signal
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
RESULTS = ROOT / "bench" / "results"
STOCKPOT = ROOT / "tools" / "stockpot"
MAKE_CHECKPOINT = ROOT / "tools" / "make-checkpoint"
# The same as in tools/stockpot; otherwise JavaCPP counts mapped files against a multiple of the heap.
JAVA_OPTIONS = ["-XX:+UseSerialGC", "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0", "-Dorg.bytedeco.javacpp.maxBytes=0"]
# For programs whose work is native: the second compiler tier would take processor time from it.
NATIVE_WORK = ["-XX:TieredStopAtLevel=1", "-XX:Tier3BackEdgeThreshold=1000"]


def fail(message):
    print(f"error: {message}", file=sys.stderr)
    sys.exit(1)


def note(message):
    print(message, file=sys.stderr, flush=True)


def java(project, native_work=False):
    """The start of a command line that runs classes of the project in folder `project` with this tree's jar."""
    home = pathlib.Path(os.environ["STOCKPOT_JAVA_HOME"])
    classes = [os.environ["STOCKPOT_JAR"], f"{ROOT}/target/lib/*", f"{project}/target/classes", f"{project}/target/lib/*"]
    return [str(home / "bin" / "java"), *JAVA_OPTIONS, *(NATIVE_WORK if native_work else []), "-cp", ":".join(classes)]


def first_line(path, name):
    """The value of the line `NAME: value` in a file; None if there is none."""
    try:
        for line in pathlib.Path(path).read_text().splitlines():
            key, _, value = line.partition(":")
            if key.strip() == name:
                return value.strip()
    except OSError:
        pass
    return None


def output_of(command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def machine():
    """A description of this machine, for the reader of a result."""
    caches = {}
    for index in sorted(pathlib.Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        with contextlib.suppress(OSError):
            level, kind, size = ((index / part).read_text().strip() for part in ("level", "type", "size"))
            caches[f"L{level} {kind}"] = size
    java_home = os.environ.get("STOCKPOT_JAVA_HOME", "")
    return {
        "cpu": first_line("/proc/cpuinfo", "model name") or platform.machine(),
        "processors": len(os.sched_getaffinity(0)),
        "caches": caches,
        "memory": first_line("/proc/meminfo", "MemTotal"),
        "system": f"{platform.system()} {platform.release()}",
        "load": " ".join(f"{x:.2f}" for x in os.getloadavg()),
        "java": (first_line_of_release(java_home) or "unknown"),
        "revision": output_of(["git", "-C", str(ROOT), "describe", "--always", "--dirty"]),
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"),
    }


def first_line_of_release(home):
    try:
        for line in (pathlib.Path(home) / "release").read_text().splitlines():
            if line.startswith("JAVA_VERSION="):
                return line.split("=", 1)[1].strip('"')
    except OSError:
        pass
    return None


def describe(facts):
    """The machine in a sentence, for a page."""
    caches = ", ".join(f"{name} {size}" for name, size in facts["caches"].items())
    return (
        f"Machine: {facts['processors']} processors of {facts['cpu']} ({caches}), {facts['memory']}, "
        f"{facts['system']}, Java {facts['java']}; revision {facts['revision']}, {facts['date']}, "
        f"load before {facts['load']}."
    )


def available_memory():
    """Roughly how many bytes the page cache can grow to."""
    return int((first_line("/proc/meminfo", "MemAvailable") or "0 kB").split()[0]) * 1024


@contextlib.contextmanager
def scratch(parent, needed):
    """A folder under `parent` with room for `needed` bytes; removed at the end, even if the run is interrupted."""
    free = shutil.disk_usage(parent).free
    if free < needed * 1.02 + (64 << 20):
        fail(f"{parent} has {free / 1e9:.1f} GB free but {needed / 1e9:.1f} GB are needed: see --scratch and --size")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="stockpot-bench-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_checkpoints(folder, count, like, size, dtype, sparse=False, name="model"):
    """Ingredients of `size` bytes each, each with different values."""
    files = []
    for k in range(count):
        file = folder / f"{name}_{k:02d}.safetensors"
        command = [str(MAKE_CHECKPOINT), "-q", "--like", like, "--size", str(int(size)), "--dtype", dtype]
        subprocess.run(command + ["--seed", str(k + 1), "-o", str(file)] + (["--sparse"] if sparse else []), check=True)
        files.append(file)
    return files


def keep(results, name, document):
    """Writes a result, with the machine, as one JSON file under `results`; returns its path."""
    results.mkdir(parents=True, exist_ok=True)
    stamp = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%d-%H%M%S")
    path = results / f"{name}-{stamp}.json"
    path.write_text(json.dumps(document, indent=1) + "\n")
    note(f"kept {path}")
    return path


def arguments_of(parser):
    """Adds the options that every command has, and parses."""
    parser.add_argument("--scratch", default=tempfile.gettempdir(), help="folder for ingredients (default: %(default)s)")
    parser.add_argument("--results", type=pathlib.Path, default=RESULTS, help="folder for results (default: %(default)s)")
    parser.add_argument(
        "--write", action="store_true", help="put the tables into the page that has this command's marks"
    )
    return parser.parse_args()


def size(text):
    """Bytes of a size such as 500MB, decimal."""
    units = {"KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "B": 1}
    for unit, factor in units.items():
        if text.upper().endswith(unit):
            return int(float(text[: -len(unit)]) * factor)
    return int(text)
