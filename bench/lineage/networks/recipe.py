"""What one network of the zoo is: its parents, what was done to them, and what is true of it."""

import zlib
from dataclasses import dataclass, field
from typing import Callable

import numpy as np
import torch

from . import bert, gpt2, llama, vit, vlm, whisper
from .train import held_out, train

FAMILIES = {
    "llama": llama,
    "moe": llama,
    "gpt2": gpt2,
    "bert": bert,
    "vit": vit,
    "whisper": whisper,
    "vlm": vlm,
}


@dataclass
class Made:
    """Weights and configuration, the truth about them, and the form they are stored in."""

    w: dict
    cfg: dict
    truth: dict = field(default_factory=dict)
    form: str = "safetensors"


@dataclass(frozen=True)
class Recipe:
    name: str
    family: str
    relation: str
    parents: tuple[str, ...]
    # From a seeded generator and the parents, each (weights, configuration).
    make: Callable[..., Made]
    # Components whose first weights are the network's own: the name of that draw for each.
    drawn: dict[str, str] = field(default_factory=dict)
    # Of which parent each component comes, where not from all.
    of: dict[str, tuple[str, ...]] = field(default_factory=dict)
    # Components drawn anew that learned beside a parent's: neither innocent nor asked to be found.
    undecided: tuple[str, ...] = ()

    def random(self):
        return np.random.default_rng(zlib.crc32(self.name.encode()))


def scratch(name, family, seed, source, steps, *, cfg=None, first=0, relation="from-scratch", rate=3e-3):
    module = FAMILIES[family]
    cfg = cfg or module.config()

    def make(random):
        w = module.initial(cfg, seed)
        before = held_out(module, w, cfg, source)
        w, loss = train(module, w, cfg, source, steps, rate=rate, first=first)
        return Made(w, cfg, training(module, w, cfg, source, steps, rate, loss, before, first))

    drawn = {c: f"{family}/{seed}" for c in module.COMPONENTS}
    return Recipe(name, family, relation, (), make, drawn)


def training(module, w, cfg, source, steps, rate, loss, before, first=0) -> dict:
    return {
        "data": source.name,
        "first_batch": first,
        "steps": steps,
        "rate": rate,
        "held_out_before": round(before, 4),
        "last_loss": round(loss, 4),
        "held_out_after": round(held_out(module, w, cfg, source), 4),
    }


def tuned(module, w, cfg, source, steps, rate, **how) -> tuple[dict, dict]:
    before = held_out(module, w, cfg, source)
    w, loss = train(module, w, cfg, source, steps, rate=rate, **how)
    return w, training(module, w, cfg, source, steps, rate, loss, before, how.get("first", 0))


def child(name, family, relation, parent, source, steps, rate, *, first=0, prepare=None):
    """Trained on from `parent`; `prepare(random, w)` may add what was not published."""
    module = FAMILIES[family]

    def make(random, of):
        w, cfg = of
        w = prepare(random, w) if prepare else w
        w, record = tuned(module, w, cfg, source, steps, rate, first=first)
        return Made(w, cfg, record)

    return Recipe(name, family, relation, (parent,), make)


def kept(family, cfg, before: dict, after: dict, source, cfg_after=None) -> dict:
    """That two networks say the same of a batch, in single precision."""
    module, batch = FAMILIES[family], source.batch(10**9)
    with torch.no_grad():
        a, b = module.output(before, cfg, batch), module.output(after, cfg_after or cfg, batch)
    off = float((a - b).abs().max() / a.std())
    assert off < 1e-3, f"the function is not kept: {off}"
    return {"function_kept": True, "largest_difference": float(f"{off:.1e}")}
