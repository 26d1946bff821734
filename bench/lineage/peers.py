# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "scipy==1.17.1"]
# ///
"""Other methods on the pairs of the lineage benchmark: one JSON file each, for `cargo xtask lineage`.

    python bench/lineage/peers.py --out DIR                   # cosine, norm cosine, AWM's recipe
    python bench/lineage/peers.py --out DIR --only modeldna   # needs modeldna 0.1.0 beside it
    python bench/lineage/peers.py --out DIR --only cisco      # needs cisco-ai-provenance-kit 1.0.0,
                                                              # transformers 5.24.0, torch 2.9.1

All pairs. Without a score: what a method has no name or format for (see methods/). Cisco's kit reads no
network without a model_type, which GGUF and renamed networks have not.
"""

import argparse
import itertools
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from methods import awm, naive, packages, weights


def pairs(networks: list[dict], every: int):
    """Suspect and reference, the later one first, as `cargo xtask lineage` has them."""
    others = itertools.count()
    for b, a in itertools.combinations(networks, 2):
        if b["name"] in a["parents"] or next(others) % every == 0:
            yield a["name"], b["name"]


def own(networks: list[dict], models: pathlib.Path):
    read = {n["name"]: weights.read(models / n["name"]) for n in networks}
    looked = {name: w and weights.attention(w) for name, w in read.items()}

    def with_both(kept, score):
        return lambda a, b: {"score": score(kept[a], kept[b]) if kept[a] and kept[b] else None}

    yield "naive-cosine", "cosine of matrices", 1, with_both(read, naive.matrices)
    yield "norm-cosine", "cosine of norm weights", 1, with_both(read, naive.norms)
    yield "awm", "AWM's recipe, written anew", 1, with_both(looked, awm.score)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--only", default="own", choices=["own", "modeldna", "cisco"])
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    networks = json.loads((HERE / "provenance.json").read_text())["networks"]
    models = HERE / "models"
    methods = {"own": own, "modeldna": packages.modeldna, "cisco": packages.cisco}[asked.only]
    for file, title, every, compare in methods(networks, models):
        rows = []
        for a, b in pairs(networks, every):
            rows.append({"suspect": a, "reference": b, **compare(a, b)})
        stored = {"method": title, "pairs": rows}
        (asked.out / f"{file}.json").write_text(json.dumps(stored) + "\n")
        scored = sum(row["score"] is not None for row in rows)
        print(f"{title}: {len(rows)} pairs, {scored} with a score", flush=True)


if __name__ == "__main__":
    main()
