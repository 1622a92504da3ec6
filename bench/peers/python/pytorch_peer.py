"""pytorch_peer.py THREADS OUT MODEL...: averages with PyTorch and safetensors in Python, tensor by tensor in F32."""
import json
import sys
import time


def main():
    threads, out, models = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
    try:
        import torch
        from safetensors import safe_open
        from safetensors.torch import save_file
    except ImportError as missing:
        print(json.dumps({"peer": "pytorch", "skipped": f"{missing.name} is not installed"}))
        return
    torch.set_num_threads(threads)
    start = time.monotonic()
    files = [safe_open(model, framework="pt") for model in models]
    soup = {}
    with torch.no_grad():
        for name in files[0].keys():
            first = files[0].get_tensor(name)
            if not first.is_floating_point():
                soup[name] = first
                continue
            total = first.float()
            for file in files[1:]:
                total += file.get_tensor(name)
            soup[name] = (total / len(files)).to(first.dtype)
    save_file(soup, out, metadata={"format": "pt"})
    print(json.dumps({"peer": "pytorch", "seconds": time.monotonic() - start}))


if __name__ == "__main__":
    main()
