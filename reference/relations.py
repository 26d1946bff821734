# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "scipy==1.17.1"]
# ///
"""Golden numbers for the checks of relations: data/golden/relations.json.

Usage: relations.py [--check]    --check recomputes and compares with the committed file.

    spectrum   singular values of a matrix [rows, cols], by LAPACK
    structure  for rows scaled to length 1, sum over i < j of <row_i, row_j>^2 divided by the sum over
               i < j and k of row_ik^2 row_jk^2
    merge      min |y - X c| with c >= 0, by Lawson and Hanson's active sets
    slerp      a vector at t on the great circle between two others
"""

import json
import sys
from pathlib import Path

import numpy as np
from scipy.optimize import nnls

GOLDEN = Path(__file__).resolve().parent.parent / "data" / "golden" / "relations.json"


def listed(values):
    return [float(x) for x in np.asarray(values).ravel()]


def single(values):
    """Rounded to f32, so that any reader gets the same numbers."""
    return np.asarray(values).astype(np.float32).astype(np.float64)


def structure(matrix):
    rows = matrix / np.linalg.norm(matrix, axis=1, keepdims=True)
    upper = np.triu_indices(len(rows), 1)
    products = (rows @ rows.T) ** 2
    expected = (rows**2) @ (rows**2).T
    return float(products[upper].sum() / expected[upper].sum())


def make():
    random = np.random.default_rng(20241124)
    spectra = []
    for rows, cols in [(12, 9), (7, 30), (24, 24)]:
        matrix = random.standard_normal((rows, cols))
        if rows == cols:
            matrix = matrix[:, :5] @ random.standard_normal((5, cols))
        spectra.append({
            "rows": rows,
            "cols": cols,
            "matrix": listed(matrix),
            "values": listed(np.linalg.svd(matrix, compute_uv=False)),
            "structure": structure(matrix),
        })
    merges = []
    for truth in [[0.6, 0.4], [0.5, 0.3, 0.2], [0.7, 0.0, 0.3], [1.2, -0.4], [0.2] * 5]:
        parents = single(random.standard_normal((len(truth), 200)))
        child = single(np.array(truth) @ parents + 0.05 * random.standard_normal(200))
        merges.append({
            "child": listed(child),
            "parents": [listed(p) for p in parents],
            "coefficients": listed(nnls(parents.T, child)[0]),
        })
    circles = []
    for t in [0.1, 0.35, 0.8]:
        one, two = single(random.standard_normal((2, 300)))
        angle = np.arccos(one @ two / np.linalg.norm(one) / np.linalg.norm(two))
        child = (np.sin((1 - t) * angle) * one + np.sin(t * angle) * two) / np.sin(angle)
        circles.append({"t": t, "child": listed(single(child)), "one": listed(one), "two": listed(two)})
    return {"spectrum": spectra, "merge": merges, "slerp": circles}


def near(one, two):
    if isinstance(one, dict):
        return one.keys() == two.keys() and all(near(one[k], two[k]) for k in one)
    if isinstance(one, list):
        return len(one) == len(two) and all(map(near, one, two))
    return abs(one - two) <= 1e-9 * max(1, abs(one))


if __name__ == "__main__":
    numbers = make()
    if "--check" in sys.argv:
        same = near(numbers, json.loads(GOLDEN.read_text()))
        print("same" if same else f"{GOLDEN} differs")
        sys.exit(not same)
    GOLDEN.write_text(json.dumps(numbers, separators=(",", ":")) + "\n")
