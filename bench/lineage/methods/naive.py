"""Cosines of weights at equal places: of all matrices, and of the norm weights alone."""

import numpy as np


def shared(a: dict, b: dict, wanted) -> list[tuple[np.ndarray, np.ndarray]]:
    names = [n for n in a if n in b and a[n].shape == b[n].shape and wanted(n, a[n])]
    return [(a[n].ravel(), b[n].ravel()) for n in names]


def cosine(x: np.ndarray, y: np.ndarray) -> float:
    sizes = float(np.linalg.norm(x) * np.linalg.norm(y))
    return float(x @ y) / sizes if sizes else 0.0


def matrices(a: dict, b: dict) -> float | None:
    """Mean cosine of the matrices with one name and shape."""
    pairs = shared(a, b, lambda name, x: 1 < x.ndim)
    return float(np.mean([cosine(x, y) for x, y in pairs])) if pairs else None


def norms(a: dict, b: dict) -> float | None:
    """Cosine of all norm weights, end to end."""
    pairs = shared(a, b, lambda n, x: x.ndim == 1 and n.endswith("weight") and ("norm" in n.lower() or "ln_" in n))
    if not pairs:
        return None
    return cosine(*(np.concatenate(side) for side in zip(*pairs)))
