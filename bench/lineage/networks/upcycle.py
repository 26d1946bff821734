"""Experts from a dense MLP: a copy in each (sparse upcycling), or a part of the units in each.

Komatsuzaki et al. 2023; Zhu et al. 2024 (LLaMA-MoE).
"""

import torch

from . import llama
from .attacks import tensor


def rest(w: dict) -> dict:
    return {name: x for name, x in w.items() if ".mlp." not in name}


def routers(cfg: dict, random) -> dict:
    shape = (llama.experts_of(cfg), cfg["hidden_size"])
    names = [llama.router(cfg, layer) for layer in range(cfg["num_hidden_layers"])]
    return {name: tensor(0.08 * random.standard_normal(shape)) for name in names}


def copies(w: dict, cfg: dict, random):
    """Every expert is the whole MLP; Mixtral's names."""
    cfg_out = llama.moe_config(
        intermediate_size=cfg["intermediate_size"], num_hidden_layers=cfg["num_hidden_layers"]
    )
    out = {**rest(w), **routers(cfg_out, random)}
    for layer in range(cfg["num_hidden_layers"]):
        for names in llama.mlps(cfg_out, layer):
            for to, by in zip(names, llama.mlp_names(cfg, layer)):
                out[to] = w[by]
    return out, cfg_out


def parts(w: dict, cfg: dict, random):
    """Every expert is a random quarter of the units; Qwen3-MoE's names. Returns the units too."""
    experts = 4
    size = cfg["intermediate_size"] // experts
    cfg_out = llama.qwen_moe_config(
        intermediate_size=size, num_hidden_layers=cfg["num_hidden_layers"], num_experts=experts
    )
    out, units = {**rest(w), **routers(cfg_out, random)}, []
    for layer in range(cfg["num_hidden_layers"]):
        order = random.permutation(cfg["intermediate_size"]).reshape(experts, size)
        for expert, chosen in enumerate(order):
            chosen = torch.from_numpy(chosen)
            old, new = llama.mlp_names(cfg, layer), llama.mlp_names(cfg_out, layer, expert)
            out[new[0]], out[new[1]] = w[old[0]][chosen], w[old[1]][chosen]
            out[new[2]] = w[old[2]][:, chosen]
        units.append(order.tolist())
    return out, cfg_out, units
