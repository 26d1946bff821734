# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "torch==2.15.0", "safetensors==0.8.0", "blake3==1.0.11"]
# ///
"""Are safetensors files read as the package `safetensors` reads them?

    python reference/safetensors_files.py --check JOKBO            # writes files, compares
    python reference/safetensors_files.py --check JOKBO FILE...    # and these

Every tensor that `jokbo inspect` lists must have the name, type, shape and bytes that `safe_open`
gives it, and none may be missing. The bytes are random, so that every bit pattern occurs. A type
that is not read has to be listed as U8 with all of its bytes. Nothing is kept.
"""

import itertools
import json
import sys
import tempfile
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from inspected import Differs, hold, said
from torch_files import NAMES, SHAPES, random, stored

PLAIN = [torch.complex64, torch.float8_e4m3fnuz, torch.float8_e5m2fnuz, torch.float8_e8m0fnu]


def read(path):
    """What the package says of a file, as our report would have it."""
    with safe_open(path, framework="pt") as file:
        for name in file.keys():
            tensor = file.get_tensor(name)
            data = stored(tensor)
            if tensor.dtype in NAMES:
                yield name, said(NAMES[tensor.dtype], tensor.shape, data)
            else:
                yield name, said("U8", [len(data)], data)


def written(folder):
    """Files and folders written by the package, each with the files that belong to it."""
    each = itertools.product([*NAMES, *PLAIN], SHAPES)
    types = {f"{str(dtype)}/{i}": random(dtype, shape) for i, (dtype, shape) in enumerate(each)}
    names = ["한글", "a b", "quote\"d", "back\\slash", "tab\there", "é", "long" * 500, " "]
    trees = {
        "types": types,
        "many": {f"layers.{i}.weight": random(torch.bfloat16, (i % 7, 3)) for i in range(2500)},
        "names": {name: random(torch.float32, (2,)) for name in names},
        "one": {"w": random(torch.float64, (7, 5))},
    }
    for name, tree in trees.items():
        path = folder / f"{name}.safetensors"
        save_file(tree, path, metadata={"format": "pt", "note": "족보 \u0007"})
        yield path, [path]
    for with_index in (True, False):
        shards = folder / ("indexed" if with_index else "numbered")
        shards.mkdir()
        index, paths = {}, []
        for i in range(3):
            path = shards / f"model-{i + 1:05}-of-00003.safetensors"
            tree = {f"{i}.{k}": random(torch.float16, (k, 3)) for k in range(30)}
            save_file(tree, path)
            index |= dict.fromkeys(tree, path.name)
            paths.append(path)
        if with_index:
            text = json.dumps({"metadata": {}, "weight_map": index})
            (shards / "model.safetensors.index.json").write_text(text)
        yield shards, paths


def main():
    if len(sys.argv) < 3 or sys.argv[1] != "--check":
        sys.exit(__doc__)
    torch.manual_seed(20261124)
    jokbo, failed = sys.argv[2], 0
    with tempfile.TemporaryDirectory() as folder:
        named = ((Path(file), [Path(file)]) for file in sys.argv[3:])
        for path, files in itertools.chain(written(Path(folder)), named):
            try:
                want = dict(itertools.chain.from_iterable(map(read, files)))
                print(f"{path.name}: {hold(jokbo, path, want)} tensors agree")
            except Differs as differs:
                print(f"DIFFERS {differs}")
                failed += 1
    if failed:
        sys.exit(f"{failed} files are read differently")


if __name__ == "__main__":
    main()
