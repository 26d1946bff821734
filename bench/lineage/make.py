# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.9.1", "numpy==2.4.6", "safetensors==0.8.0", "gguf==0.19.0"]
# ///
"""Trains the zoo of the lineage benchmark and writes what is true of every network.

    python bench/lineage/make.py            # what is missing in bench/lineage/models
    python bench/lineage/make.py --out DIR  # elsewhere, from nothing
    python bench/lineage/make.py --only REGEX

A child is made from the stored bf16 weights of its parents, so each can be made again by itself. Two
processes of one thread each; a processor of another make may round otherwise in the last bits.
"""

import argparse
import json
import os
import pathlib
import platform
import re
import sys
import time
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import torch

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from networks import files
from networks.recipe import FAMILIES
from networks.recipes import all_recipes


def make(name: str, models: pathlib.Path) -> dict:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    recipe, start = all_recipes()[name], time.process_time()
    given = [files.read(models / parent) for parent in recipe.parents]
    made = recipe.make(recipe.random(), *given)
    w = files.published(FAMILIES[recipe.family], made.w)
    assert all(torch.isfinite(x).all() for x in w.values()), f"{name} is not finite"
    files.write(models / name, w, made.cfg, made.form)
    return {
        "name": name,
        "family": recipe.family,
        "relation": recipe.relation,
        "parents": list(recipe.parents),
        "weights": sum(x.numel() for x in w.values()),
        "form": made.form,
        "truth": made.truth,
        "seconds": round(time.process_time() - start, 1),
    }


def ancestry(recipe, records: dict) -> dict:
    return {"roots": roots(recipe, records), "undecided": list(recipe.undecided)}


def roots(recipe, records: dict) -> dict:
    """For every component the random draws that it goes back to: disjoint roots are independence."""
    out = {}
    for component in FAMILIES[recipe.family].COMPONENTS:
        if component in recipe.drawn:
            out[component] = [recipe.drawn[component]]
            continue
        parents = recipe.of.get(component, recipe.parents)
        found = {root for p in parents for root in records[p]["roots"][component]}
        out[component] = sorted(found)
    return out


def write(path: pathlib.Path, records: dict, recipes: dict):
    versions = {"python": platform.python_version(), "torch": torch.__version__, "numpy": np.__version__}
    networks = [records[name] for name in recipes if name in records]
    manifest = {"made_with": versions, "networks": networks}
    path.write_text(json.dumps(manifest, indent=1) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, default=HERE)
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    models, manifest = asked.out / "models", asked.out / "provenance.json"
    models.mkdir(parents=True, exist_ok=True)
    recipes, records = all_recipes(), {}
    if manifest.exists():
        kept = json.loads(manifest.read_text())["networks"]
        records = {r["name"]: r for r in kept if (models / r["name"]).exists() and r["name"] in recipes}
    for name in filter(records.__contains__, recipes):
        records[name] |= ancestry(recipes[name], records)
    write(manifest, records, recipes)
    waiting = [n for n in recipes if n not in records and re.search(asked.only, n)]
    running = {}
    with ProcessPoolExecutor(asked.jobs) as pool:
        while waiting or running:
            ready = [n for n in waiting if all(p in records for p in recipes[n].parents)]
            for name in ready[: asked.jobs - len(running)]:
                waiting.remove(name)
                running[pool.submit(make, name, models)] = name
            assert running, f"no parents for {waiting}"
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                name = running.pop(future)
                record = future.result()
                records[name] = {**record, **ancestry(recipes[name], records)}
                truth = record["truth"]
                print(name, truth.get("held_out_before"), truth.get("held_out_after"), record["seconds"], flush=True)
                write(manifest, records, recipes)


if __name__ == "__main__":
    main()
