"""Pruning: zeros in a pattern, or fewer hidden units, coordinates and layers."""

import torch

from . import llama
from .attacks import attention, layers


def is_matrix(name: str) -> bool:
    return "_proj" in name


def masks_two_of_four(w: dict) -> dict:
    """Of every four neighbours in a row the two largest stay."""
    def mask(x):
        fours = x.abs().reshape(-1, 4)
        kept = torch.zeros_like(fours).scatter(1, fours.topk(2, 1).indices, 1.0)
        return kept.reshape(x.shape)

    return {name: mask(x) for name, x in w.items() if is_matrix(name)}


def masks_by_magnitude(w: dict, share: float) -> dict:
    """The smallest `share` of every matrix goes."""
    def mask(x):
        return (x.abs().flatten().quantile(share) < x.abs()).float()

    return {name: mask(x) for name, x in w.items() if is_matrix(name)}


def apply(w: dict, masks: dict) -> dict:
    return {name: x * masks[name] if name in masks else x for name, x in w.items()}


def hidden(w: dict, cfg: dict, keep: int):
    """The `keep` hidden units of every layer with the largest weights, in their old order."""
    w, units = dict(w), []
    for layer in layers(cfg):
        gate, up, down = llama.mlp_names(cfg, layer)
        size = w[gate].norm(dim=1) * w[up].norm(dim=1) * w[down].norm(dim=0)
        best = size.topk(keep).indices.sort().values
        w[gate], w[up], w[down] = w[gate][best], w[up][best], w[down][:, best]
        units.append(best.tolist())
    return w, {**cfg, "intermediate_size": keep}, units


def width(w: dict, cfg: dict, keep: int):
    """The `keep` residual coordinates that the embedding uses most; heads keep their size."""
    use = w["model.embed_tokens.weight"].norm(dim=0) * w["lm_head.weight"].norm(dim=0)
    best = use.topk(keep).indices.sort().values
    out = {}
    for name, x in w.items():
        writes = "o_proj" in name or "down_proj" in name or x.ndim == 1
        out[name] = x[best] if writes else x[:, best]
    return out, {**cfg, "hidden_size": keep}, best.tolist()


def heads(w: dict, cfg: dict, keep: list[int]):
    """The groups of heads in `keep` alone."""
    w, size = dict(w), cfg["head_dim"]
    each = cfg["num_attention_heads"] // cfg["num_key_value_heads"]
    keys = torch.tensor([g * size + i for g in keep for i in range(size)])
    queries = torch.tensor([g * each * size + i for g in keep for i in range(each * size)])
    for layer in layers(cfg):
        names = attention(layer)
        w[names["q"]], w[names["o"]] = w[names["q"]][queries], w[names["o"]][:, queries]
        w[names["k"]], w[names["v"]] = w[names["k"]][keys], w[names["v"]][keys]
    changes = {"num_key_value_heads": len(keep), "num_attention_heads": each * len(keep)}
    return w, {**cfg, **changes}
