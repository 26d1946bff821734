#!/usr/bin/env -S uv run --script
# /// script
# requires-python = ">=3.10"
# ///
"""Tensor manifests, made small enough to keep as test data.

    compact.py MANIFEST.json... --into FOLDER

A manifest is {"repo", "parameters", "config", "tensors": {name: {"dtype", "shape"}}}. What is
written holds the same names, types and shapes: tensors whose names differ only in their numbers
and that agree in type and shape become one row [template, dtype, shape, ranges...]. In the
template every number is `#`; each of the ranges lists one [first, last] for every `#`, and
stands for all combinations. Of the config only keys that name a model type, a number of heads or
of layers are kept. Order is not kept.
"""

import argparse
import json
import pathlib
import re

NUMBER = re.compile(r"(?<![^.])\d+(?![^.])")
KEPT = re.compile(r"^(model_type|num_attention_heads|num_key_value_heads|n_head|num_heads|num_hidden_layers|n_layer)$")


def runs(numbers):
    """Sorted numbers as [first, last] runs."""
    out = []
    for n in sorted(numbers):
        if out and out[-1][1] + 1 == n:
            out[-1][1] = n
        else:
            out.append([n, n])
    return out


def boxes(tuples):
    """Tuples of one length as boxes of ranges that cover each of them once."""
    if not next(iter(tuples)):
        return [[]]
    below = {}
    for first, *rest in tuples:
        below.setdefault(first, set()).add(tuple(rest))
    alike = {}
    for first, rest in below.items():
        alike.setdefault(frozenset(rest), []).append(first)
    out = []
    for rest, firsts in sorted(alike.items(), key=lambda item: min(item[1])):
        for run in runs(firsts):
            out += [[run, *box] for box in boxes(rest)]
    return out


def kept(config):
    """The part of a config that tensors are cut by."""
    out = {}
    for key, value in config.items():
        inner = kept(value) if isinstance(value, dict) else None
        if inner or (inner is None and KEPT.match(key)):
            out[key] = inner or value
    return out


def compact(manifest):
    groups = {}
    for name, tensor in manifest["tensors"].items():
        numbers = tuple(int(n) for n in NUMBER.findall(name))
        key = (NUMBER.sub("#", name), tensor["dtype"], tuple(tensor["shape"]))
        groups.setdefault(key, set()).add(numbers)
    rows = [[name, dtype, list(shape), *boxes(n)] for (name, dtype, shape), n in groups.items()]
    return {
        "repo": manifest["repo"],
        "parameters": manifest["parameters"],
        "n_tensors": len(manifest["tensors"]),
        "config": kept(manifest["config"]),
        "tensors": rows,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("manifests", nargs="+", type=pathlib.Path)
    parser.add_argument("--into", required=True, type=pathlib.Path)
    args = parser.parse_args()
    for path in args.manifests:
        small = compact(json.loads(path.read_text(encoding="utf-8")))
        rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in small.pop("tensors"))
        head = json.dumps(small, separators=(",", ":"))[:-1]
        text = f'{head},"tensors":[\n{rows}\n]}}\n'
        (args.into / path.name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
