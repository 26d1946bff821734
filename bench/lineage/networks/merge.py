"""Merging networks of one shape: the recipes of mergekit, with coefficients that are written down.

Wortsman et al. 2022 (linear), Shoemake 1985 (SLERP), Ilharco et al. 2023 (task arithmetic), Yadav et
al. 2023 (TIES), Yu et al. 2024 (DARE).
"""

import torch


def linear(parents: list[dict], weights: list[float]) -> dict:
    names = parents[0]
    return {n: sum(c * w[n] for c, w in zip(weights, parents)) for n in names}


def slerp(a: dict, b: dict, t: float) -> dict:
    """Along the great circle from `a` to `b`, each tensor by itself."""
    def between(x, y):
        cosine = (x * y).sum() / (x.norm() * y.norm())
        angle = torch.arccos(cosine.clamp(-1, 1))
        if angle.sin() < 1e-4:
            return (1 - t) * x + t * y
        return (((1 - t) * angle).sin() * x + (t * angle).sin() * y) / angle.sin()

    return {name: between(a[name], b[name]) for name in a}


def task_vectors(base: dict, tuned: list[dict]) -> list[dict]:
    return [{name: w[name] - base[name] for name in base} for w in tuned]


def task_arithmetic(base: dict, tuned: list[dict], weights: list[float]) -> dict:
    tasks = task_vectors(base, tuned)
    return {n: base[n] + sum(c * task[n] for c, task in zip(weights, tasks)) for n in base}


def ties(base: dict, tuned: list[dict], weights: list[float], density: float) -> dict:
    """Trim every task vector to its largest entries, elect a sign, average those that agree."""
    def merged(name):
        tasks = torch.stack([c * (w[name] - base[name]) for c, w in zip(weights, tuned)])
        flat = tasks.abs().flatten(1)
        keep = max(1, round(density * flat.shape[1]))
        least = flat.topk(keep, 1).values[:, -1].view(-1, *[1] * base[name].ndim)
        tasks = torch.where(least <= tasks.abs(), tasks, 0.0)
        sign = tasks.sum(0).sign()
        agree = (tasks.sign() == sign) & (tasks != 0)
        count = agree.sum(0).clamp(min=1)
        return base[name] + (tasks * agree).sum(0) / count

    return {name: merged(name) for name in base}


def dare(base: dict, tuned: list[dict], weights: list[float], drop: float, random) -> dict:
    """Entries of every task vector are dropped at random, the others enlarged to make up for it."""
    out = {}
    for name in sorted(base):
        total = base[name].clone()
        for c, w in zip(weights, tuned):
            kept = torch.from_numpy(random.random(tuple(base[name].shape)) >= drop)
            total += c * kept * (w[name] - base[name]) / (1 - drop)
        out[name] = total
    return out
