"""paper_code_peer.py THREADS OUT MODEL...: the loop of the code published with the paper, for a uniform soup.

torch.load reads each state dict whole, and a new dict is formed: the old soup plus 1/N times the state, in the tensors'
own type. MODELs and OUT are PyTorch files.
"""
import json
import sys
import time


def main():
    threads, out, models = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
    try:
        import torch
    except ImportError as missing:
        print(json.dumps({"peer": "paper_code", "skipped": f"{missing.name} is not installed"}))
        return
    torch.set_num_threads(threads)
    start = time.monotonic()
    part = 1.0 / len(models)
    soup = None
    for model in models:
        state = torch.load(model)
        if soup is None:
            soup = {name: value * part for name, value in state.items()}
        else:
            soup = {name: value * part + soup[name] for name, value in state.items()}
    torch.save(soup, out)
    print(json.dumps({"peer": "paper_code", "seconds": time.monotonic() - start}))


if __name__ == "__main__":
    main()
