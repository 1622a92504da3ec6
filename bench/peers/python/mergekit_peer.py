"""mergekit_peer.py THREADS OUT MODEL...: mergekit's linear merge with equal weights, its name for a uniform soup.

mergekit merges model directories, so each model gets one with a configuration of its architecture; it may refuse
tensors that are not like a Llama's, which is reported.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time


def shapes(model):
    with open(model, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
    return {name: about["shape"] for name, about in header.items() if name != "__metadata__"}


def configuration(model):
    """config.json of the architecture that the tensors' names match."""
    tensors = shapes(model)
    layers = 1 + max([int(n.split(".")[2]) for n in tensors if n.startswith("model.layers.")], default=0)
    if "model.embed_tokens.weight" in tensors:
        vocabulary, width = tensors["model.embed_tokens.weight"]
        return {
            "architectures": ["LlamaForCausalLM"],
            "model_type": "llama",
            "hidden_size": width,
            "intermediate_size": tensors["model.layers.0.mlp.gate_proj.weight"][0],
            "num_attention_heads": 32,
            "num_hidden_layers": layers,
            "vocab_size": vocabulary,
        }
    return {"architectures": ["BertModel"], "model_type": "bert"}


def main():
    out, models = pathlib.Path(sys.argv[2]), sys.argv[3:]
    tool = shutil.which("mergekit-yaml")
    if tool is None:
        print(json.dumps({"peer": "mergekit", "skipped": "mergekit is not installed"}))
        return
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        folder = pathlib.Path(folder)
        entries = []
        for k, model in enumerate(models):
            place = folder / f"model_{k}"
            place.mkdir()
            os.symlink(os.path.abspath(model), place / "model.safetensors")
            (place / "config.json").write_text(json.dumps(configuration(model)))
            entries.append(f"  - model: {place}\n    parameters:\n      weight: 1.0\n")
        recipe = folder / "recipe.yml"
        recipe.write_text("merge_method: linear\nmodels:\n" + "".join(entries))
        start = time.monotonic()
        done = subprocess.run([tool, str(recipe), str(folder / "soup"), "--allow-crimes"], capture_output=True, text=True)
        seconds = time.monotonic() - start
        made = sorted((folder / "soup").glob("*.safetensors"))
        if done.returncode != 0 or len(made) != 1:
            why = (done.stderr.strip().splitlines() or ["it wrote several shards"])[-1]
            print(json.dumps({"peer": "mergekit", "skipped": f"mergekit failed: {why}"}))
            return
        os.replace(made[0], out)
    print(json.dumps({"peer": "mergekit", "seconds": seconds}))


if __name__ == "__main__":
    main()
