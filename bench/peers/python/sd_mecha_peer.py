"""sd_mecha_peer.py THREADS OUT MODEL...: the mean of models by sd-mecha's n_average."""
import json
import sys
import time


def main():
    threads, out, models = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
    try:
        import sd_mecha
        import torch
    except ImportError as missing:
        print(json.dumps({"peer": "sd_mecha", "skipped": f"{missing.name} is not installed"}))
        return
    torch.set_num_threads(threads)
    start = time.monotonic()
    try:
        recipe = sd_mecha.n_average(*[sd_mecha.model(model) for model in models])
        sd_mecha.merge(recipe, output=out, threads=threads)
    except Exception as error:  # its interface differs between versions: report the error
        print(json.dumps({"peer": "sd_mecha", "skipped": f"sd-mecha failed: {error}".splitlines()[0]}))
        return
    print(json.dumps({"peer": "sd_mecha", "seconds": time.monotonic() - start}))


if __name__ == "__main__":
    main()
