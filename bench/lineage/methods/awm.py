"""The recipe of AWM (Accurate Weight-Matrix Fingerprint, ICLR 2026), written anew from its idea.

A linear assignment on the columns of the embeddings over shared rows gives a signed permutation of
the residual coordinates. Under it, queries and keys of equal layers are compared by the unbiased
linear CKA (Song et al. 2012; Kornblith et al. 2019) over coordinates, which a rotation inside the
heads does not change. The score is the mean over layers and both matrices.
"""

import numpy as np
from scipy.optimize import linear_sum_assignment

from .weights import Attention


def columns(x: np.ndarray) -> np.ndarray:
    x = x - x.mean(0)
    return x / np.maximum(np.linalg.norm(x, axis=0), 1e-12)


def alignment(a: np.ndarray, b: np.ndarray):
    """Coordinates of `a`, those of `b` that they go with, and the signs between."""
    rows = min(len(a), len(b))
    likeness = columns(a[:rows]).T @ columns(b[:rows])
    left, right = linear_sum_assignment(-np.abs(likeness))
    return left, right, np.sign(likeness[left, right])


def unbiased_hsic(k: np.ndarray, l: np.ndarray) -> float:
    n = len(k)
    k, l = k - np.diag(np.diag(k)), l - np.diag(np.diag(l))
    trace = np.sum(k * l)
    sums = k.sum() * l.sum() / ((n - 1) * (n - 2))
    return float((trace + sums - 2 * (k.sum(0) @ l.sum(1)) / (n - 2)) / (n * (n - 3)))


def cka(x: np.ndarray, y: np.ndarray) -> float:
    k, l = x @ x.T, y @ y.T
    size = unbiased_hsic(k, k) * unbiased_hsic(l, l)
    return unbiased_hsic(k, l) / np.sqrt(size) if 0 < size else 0.0


def score(a: Attention, b: Attention) -> float:
    left, right, sign = alignment(a.embedding, b.embedding)
    found = []
    for ours, theirs in ((a.queries, b.queries), (a.keys, b.keys)):
        for x, y in zip(ours, theirs):
            found.append(cka((x[:, left] * sign).T, y[:, right].T))
    return float(np.mean(found))
