"""Runs the JMH benchmarks and keeps their results with the machine's description: jmh.py short|full [JMH OPTION...]"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import place

PROJECT = place.ROOT / "bench"
# Forks, warm-up and measured iterations, and their durations. A short run takes minutes, a full one half an hour.
SETTINGS = {
    "short": {"-f": "1", "-wi": "2", "-w": "500ms", "-i": "5", "-r": "500ms"},
    "full": {"-f": "3", "-wi": "3", "-w": "500ms", "-i": "5", "-r": "1s"},
}
SHORT_PARAMETERS = ["-p", "ingredients=8", "-p", "tileKiB=64,2048"]


def run(setting, options):
    """JMH's results, parsed from its JSON."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "jmh.json"
        # JMH accepts an option only once: the caller's options replace the setting's.
        usual = [word for option in SETTINGS[setting].items() if option[0] not in options for word in option]
        command = place.java(PROJECT) + ["org.openjdk.jmh.Main", *usual, *options]
        # -foe false: if the processor lacks an instruction set, only those benchmarks fail.
        done = subprocess.run(command + ["-foe", "false", "-rf", "json", "-rff", str(out)], stdout=sys.stderr)
        if done.returncode != 0 or not out.exists():
            place.fail("JMH failed")
        return json.loads(out.read_text())


def main():
    parser = argparse.ArgumentParser(prog="tools/bench short|full", description=__doc__.split(":")[0])
    parser.add_argument("setting", choices=SETTINGS)
    parser.add_argument("--results", type=pathlib.Path, default=place.RESULTS, help="folder (default: %(default)s)")
    arguments, options = parser.parse_known_args()
    if arguments.setting == "short" and not any(o == "-p" for o in options):
        options += SHORT_PARAMETERS
    machine = place.machine()
    results = run(arguments.setting, options)
    place.keep(
        arguments.results,
        f"jmh-{arguments.setting}",
        {"machine": machine, "setting": arguments.setting, "options": options, "benchmarks": results},
    )


if __name__ == "__main__":
    main()
