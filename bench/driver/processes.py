"""Runs a command and watches its memory."""
import json
import os
import resource
import subprocess
import sys
import time


def run(command, environment=None):
    """Runs a command to its end. Returns its wall time, its system processor time, its peak resident and anonymous
    bytes, and the fields of its last line of JSON.

    RssAnon is sampled every 5 ms; it is a counter, so reading it does not disturb the process. The peak resident
    bytes are the system's own count (VmHWM), mapped files included.
    """
    before = system_seconds()
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    anonymous = resident = 0
    while process.poll() is None:
        try:
            with open(f"/proc/{process.pid}/status") as status:
                for line in status:
                    if line.startswith("RssAnon:"):
                        anonymous = max(anonymous, int(line.split()[1]) * 1024)
                    elif line.startswith("VmHWM:"):
                        resident = max(resident, int(line.split()[1]) * 1024)
        except (OSError, ValueError):
            pass
        time.sleep(0.005)
    wall = time.monotonic() - start
    out, err = process.communicate()
    if process.returncode != 0:
        print(f"error: {' '.join(command[:1] + command[-3:])} failed:\n{err.strip()}", file=sys.stderr)
        return None
    lines = [line for line in out.splitlines() if line.startswith("{")]
    printed = json.loads(lines[-1]) if lines else {}
    system = system_seconds() - before
    return {"wall": wall, "system": system, "resident": resident, "anonymous": anonymous, **printed}


def system_seconds():
    """System processor time of all children that have ended."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_stime


def better_run(command, out):
    """Runs a command twice, each time without its previous output, and returns run()'s result for the faster run.

    The host of a virtual machine takes back memory that has been free for a while, and the next process to need it
    waits for it, which may be the first run or the second.
    """
    runs = []
    for _ in range(2):
        without_output(out)
        done = run(command)
        if done is None or "skipped" in done:
            return done
        runs.append(done)
    return min(runs, key=lambda done: done.get("seconds", done["wall"]))


def without_output(path):
    """Removes the output of the previous round, if there is one."""
    if os.path.exists(path):
        os.remove(path)
