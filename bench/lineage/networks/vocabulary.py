"""Another vocabulary: rows added, tokens renumbered and replaced, tables drawn anew."""

import numpy as np
import torch

from .attacks import tensor

TABLES = ("model.embed_tokens.weight", "lm_head.weight")


def grown(w: dict, cfg: dict, rows: int, random):
    """New rows near the mean of the old ones."""
    w = dict(w)
    for name in TABLES:
        old = w[name]
        drawn = tensor(random.standard_normal((rows - len(old), old.shape[1])))
        w[name] = torch.cat([old, old.mean(0) + 0.01 * drawn])
    return w, {**cfg, "vocab_size": rows}


def transplanted(w: dict, cfg: dict, random, share: float = 0.7):
    """Another tokenizer: tokens get other numbers, and only `share` of them keeps its old row."""
    w, n = dict(w), cfg["vocab_size"]
    number = random.permutation(n)
    known = np.flatnonzero(random.random(n) < share)
    for name in TABLES:
        fresh = tensor(0.08 * random.standard_normal((n, w[name].shape[1])))
        fresh[torch.from_numpy(number[known])] = w[name][torch.from_numpy(known)]
        w[name] = fresh
    return w, number, known


def anew(w: dict, random):
    """Embedding and head drawn again."""
    return {
        name: tensor(0.08 * random.standard_normal(tuple(x.shape))) if name in TABLES else x
        for name, x in w.items()
    }
