"""How a soup's cost grows: with the model's size, with ingredients, with threads."""
import argparse

import page
import peers
import place
import processes
from statistics_of import median, ratios, spread, table

LIKE = "llama-7b"
DTYPE = "BF16"


def soup(files, out, threads, rounds, limit=None):
    """Stockpot's runs through the library and those of the limit, in turn, after a round for warming up.

    The limit has no runs if it is None or cannot be measured: not every file system supports direct access.
    """
    soups, limits = [], []
    for _ in range(rounds + 1):
        processes.without_output(out)
        soups.append(processes.run(peers.command("stockpot", threads, out, files)))
        if soups[-1] is None:
            place.fail("a soup failed")
        if limit is not None:
            processes.without_output(out)
            limits.append(processes.run(peers.command(limit, threads, out, files)))
            if limits[-1] is None:
                limit, limits = None, []
    processes.without_output(out)
    return soups[1:], limits[1:]


def seconds_of(runs):
    return [run["seconds"] for run in runs]


def row(first, read, runs):
    seconds = seconds_of(runs)
    return [
        *first,
        f"{read / 1e9:.2f}",
        spread(seconds),
        f"{read / median(seconds) / 1e9:.2f}",
        f"{1e3 * median(seconds) / (read / 1e9):.0f}",
        f"{median([run['resident'] for run in runs]) / 1e6:.0f}",
        f"{median([run['anonymous'] for run in runs]) / 1e6:.0f}",
    ]


COLUMNS = ["GB read", "seconds", "GB/s read", "ms per GB", "resident MB", "anonymous MB"]


def by_size(arguments):
    """Two ingredients, so that the largest model fits on the disk; holes if even that does not."""
    rows, kept = [], []
    for size in sorted(map(place.size, arguments.sizes.split(","))):
        sparse = place.shutil.disk_usage(arguments.scratch).free < size * 3 * 1.05
        with place.scratch(arguments.scratch, size if sparse else size * 3) as folder:
            files = place.make_checkpoints(folder, 2, LIKE, size, DTYPE, sparse)
            cached = size * 3 < place.available_memory()
            place.note(f"size {size / 1e9} GB: {'holes' if sparse else 'page cache' if cached else 'more than memory'}")
            rounds = arguments.rounds if size <= 5e9 else min(3, arguments.rounds)
            limit = "cached-transfer" if cached else "direct-transfer"
            runs, limits = soup(files, folder / "soup.safetensors", arguments.threads, rounds, limit)
        first = [f"{size / 1e9:g} GB", "holes" if sparse else "page cache" if cached else "disk, past the page cache"]
        times = ratios(seconds_of(runs), seconds_of(limits))
        rows.append(row(first, 2 * size, runs) + [spread(times, "{:.2f}") if times else "not measured"])
        kept.append({"size": size, "from": first[1], "runs": runs, limit: limits})
    return table(["model", "from"] + COLUMNS + ["times plain read and write"], rows), kept


def by_ingredients(arguments):
    counts = [int(n) for n in arguments.ingredients.split(",")]
    rows, kept = [], []
    with place.scratch(arguments.scratch, arguments.size * max(counts)) as folder:
        files = place.make_checkpoints(folder, max(counts), LIKE, arguments.size, DTYPE)
        with place.scratch(arguments.out, arguments.size) as outputs:
            for count in counts:
                place.note(f"{count} ingredients")
                runs, _ = soup(files[:count], outputs / "soup.safetensors", arguments.threads, arguments.rounds)
                rows.append(row([count], arguments.size * count, runs))
                kept.append({"ingredients": count, "runs": runs})
    return table(["ingredients"] + COLUMNS, rows), kept


def by_threads(arguments):
    rows, kept = [], []
    with place.scratch(arguments.scratch, arguments.size * 8) as folder:
        files = place.make_checkpoints(folder, 8, LIKE, arguments.size, DTYPE)
        with place.scratch(arguments.out, arguments.size) as outputs:
            threads = 1
            while threads <= 2 * arguments.threads:
                place.note(f"{threads} threads")
                runs, _ = soup(files, outputs / "soup.safetensors", threads, arguments.rounds)
                rows.append(row([threads], arguments.size * 8, runs))
                kept.append({"threads": threads, "runs": runs})
                threads *= 2
    return table(["threads"] + COLUMNS, rows), kept


def main():
    parser = argparse.ArgumentParser(prog="tools/bench tables", description=__doc__)
    parser.add_argument("--sizes", default="0.1GB,0.5GB,1GB,2GB,5GB,10GB,20GB", help="sizes of the models (default: %(default)s)")
    parser.add_argument("--ingredients", default="1,2,4,8,16,32,64", help="how many (default: %(default)s)")
    parser.add_argument("--size", type=place.size, default=250_000_000, help="size of an ingredient in the other two tables")
    parser.add_argument("--threads", type=int, default=place.machine()["processors"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", default="/dev/shm", help="folder for the outputs of the other two tables")
    parser.add_argument("--only", choices=["sizes", "ingredients", "threads"], help="make only this table")
    arguments = place.arguments_of(parser)
    machine = place.machine()
    kinds = {"sizes": by_size, "ingredients": by_ingredients, "threads": by_threads}
    heads = {
        "sizes": f"Two {DTYPE} ingredients like {LIKE}, {arguments.threads} threads, output to the same disk, not made"
        " durable. Time includes what the system makes a writer wait for, as does that of a plain read and write of the"
        " same bytes on the same way, in turn with the soups.",
        "ingredients": f"{DTYPE} ingredients of {arguments.size / 1e6:.0f} MB like {LIKE}, page-cached,"
        f" {arguments.threads} threads, output to {arguments.out}.",
        "threads": f"Eight {DTYPE} ingredients of {arguments.size / 1e6:.0f} MB like {LIKE}, page-cached, output to"
        f" {arguments.out}.",
    }
    for kind in [arguments.only] if arguments.only else kinds:
        text, kept = kinds[kind](arguments)
        place.keep(arguments.results, f"growth-{kind}", {"machine": machine, "head": heads[kind], "rows": kept})
        command = f"    tools/bench tables --only {kind} --rounds {arguments.rounds}"
        lines = [command, place.describe(machine), heads[kind], text]
        page.show(f"growth-{kind}", "\n\n".join(lines), arguments.write)


if __name__ == "__main__":
    main()
