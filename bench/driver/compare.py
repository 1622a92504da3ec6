"""Compares two results of tools/bench short or full: what got slower or faster beyond noise.

A change counts if the 99.9% confidence intervals of the two scores, as JMH reports them, do not overlap.
"""
import argparse
import json
import math
import pathlib
import sys

import place


def scores(path):
    """Each benchmark's score and the ends of its confidence interval, by name and parameters."""
    try:
        document = json.loads(pathlib.Path(path).read_text())
        benchmarks = document["benchmarks"]
    except (OSError, ValueError, KeyError) as error:
        place.fail(f"{path}: is not a result of tools/bench short or full: {error!r}")
    found = {}
    for benchmark in benchmarks:
        name = benchmark["benchmark"].rsplit(".", 2)
        parameters = ",".join(f"{k}={v}" for k, v in sorted(benchmark.get("params", {}).items()))
        metric = benchmark["primaryMetric"]
        low, high = metric["scoreConfidence"]
        # JMH writes "NaN" for a single iteration, which has no interval.
        interval = (low, high) if math.isfinite(float(low)) else (None, None)
        faster_is_more = benchmark["mode"] == "thrpt"
        found[f"{'.'.join(name[1:])} {parameters}".strip()] = (metric["score"], *interval, faster_is_more)
    return document["machine"], found


def verdict(before, after):
    """'slower', 'faster', '' (within noise) or 'unknown' (no interval), and how many times as fast it is now."""
    old, old_low, old_high, faster_is_more = before
    new, new_low, new_high, _ = after
    speed = new / old if faster_is_more else old / new
    if None in (old_low, old_high, new_low, new_high):
        return "unknown", speed
    if old_low <= new_high and new_low <= old_high:
        return "", speed
    return ("faster" if speed > 1 else "slower"), speed


def main():
    parser = argparse.ArgumentParser(prog="tools/bench compare", description=__doc__)
    parser.add_argument("before")
    parser.add_argument("after")
    arguments = parser.parse_args()
    (old_machine, old), (new_machine, new) = scores(arguments.before), scores(arguments.after)
    for fact in ("cpu", "processors", "java"):
        if old_machine.get(fact) != new_machine.get(fact):
            print(f"warning: {fact} was {old_machine.get(fact)} and is {new_machine.get(fact)}", file=sys.stderr)
    counts = {"slower": 0, "faster": 0, "": 0, "unknown": 0}
    for name in sorted(old.keys() & new.keys()):
        change, speed = verdict(old[name], new[name])
        counts[change] += 1
        if change:
            print(f"{change:8} {speed:6.2f}x  {name}")
    for name in sorted(old.keys() ^ new.keys()):
        print(f"only in {'the first' if name in old else 'the second'}: {name}")
    print(
        f"{counts['slower']} slower, {counts['faster']} faster, {counts['']} within noise,"
        f" {counts['unknown']} without an interval"
    )
    sys.exit(1 if counts["slower"] else 0)


if __name__ == "__main__":
    main()
