"""Runs `stockpot bench` and shows its result as Markdown tables."""
import argparse
import json
import subprocess

import page
import place
from statistics_of import spread, table


def measure(options):
    """The result of `stockpot bench --json`."""
    done = subprocess.run([str(place.STOCKPOT), "bench", "--json", *options], stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        place.fail("stockpot bench failed")
    return json.loads(done.stdout)


def sections(machine, options, result):
    limits = [
        [limit["name"], spread([limit["bytes"] / s / 1e9 for s in limit["seconds"]], "{:.2f}")]
        for limit in result["limits"]
    ]
    soups = [
        [
            f"{soup['recipe']} of {soup['ingredients']} {soup['dtype']}",
            soup["from"],
            soup["to"],
            spread(soup["seconds"], "{:.4f}"),
            f"{soup['median_gb_per_s']:.2f}",
            spread([100 * share for share in soup["shares"]], "{:.0f}%"),
        ]
        for soup in result["soups"]
    ]
    return "\n\n".join(
        [
            f"    tools/bench limits {' '.join(options)}",
            place.describe(machine),
            f"Ingredients like {result['like']}, {result['ingredient_bytes'] / 1e6:.0f} MB each; medians of"
            f" {result['rounds']} rounds, with the least and the most.",
            table(["limit", "GB/s"], limits),
            table(["soup", "from", "to", "seconds", "GB/s", "of the limit"], soups),
        ]
    )


def main():
    parser = argparse.ArgumentParser(
        prog="tools/bench limits", description=__doc__ + " Other options go to `stockpot bench`."
    )
    parser.add_argument("--results", default=place.RESULTS, type=type(place.RESULTS))
    parser.add_argument("--write", action="store_true", help="put the tables into bench/results/measured.md")
    arguments, options = parser.parse_known_args()
    machine = place.machine()
    result = measure(options)
    place.keep(arguments.results, "limits", {"machine": machine, "options": options, "bench": result})
    page.show("limits", sections(machine, options, result), arguments.write)


if __name__ == "__main__":
    main()
