"""Renumbering for the families with LayerNorm: hidden units, heads and residual coordinates.

LayerNorm subtracts the mean over coordinates, so they may be permuted but neither flipped nor turned.
"""

import re

import torch

HIDDEN, HEADS, THREE_HEADS, RESIDUAL = "hidden", "heads", "three-heads", "residual"
CHANNELS = "channels"

# Which axes of a tensor are which, by the first pattern that its name contains.
AXES = {
    "gpt2": [
        (r"w[tp]e\.weight", (None, RESIDUAL)),
        (r"c_attn\.weight", (RESIDUAL, THREE_HEADS)),
        (r"c_attn\.bias", (THREE_HEADS,)),
        (r"attn\.c_proj\.weight", (HEADS, RESIDUAL)),
        (r"c_fc\.weight", (RESIDUAL, HIDDEN)),
        (r"c_fc\.bias", (HIDDEN,)),
        (r"mlp\.c_proj\.weight", (HIDDEN, RESIDUAL)),
        (r"", (RESIDUAL,)),
    ],
    "bert": [
        (r"predictions\.bias", (None,)),
        (r"predictions\.transform\.dense\.weight", (RESIDUAL, RESIDUAL)),
        (r"_embeddings\.weight", (None, RESIDUAL)),
        (r"self\.(query|key|value)\.weight", (HEADS, RESIDUAL)),
        (r"self\.(query|key|value)\.bias", (HEADS,)),
        (r"attention\.output\.dense\.weight", (RESIDUAL, HEADS)),
        (r"intermediate\.dense\.weight", (HIDDEN, RESIDUAL)),
        (r"intermediate\.dense\.bias", (HIDDEN,)),
        (r"output\.dense\.weight", (RESIDUAL, HIDDEN)),
        (r"", (RESIDUAL,)),
    ],
    "vit": [
        (r"classifier\.weight", (None, RESIDUAL)),
        (r"classifier\.bias", (None,)),
        (r"cls_token|position_embeddings", (None, None, RESIDUAL)),
        (r"projection\.weight", (RESIDUAL, None, None, None)),
        (r"attention\.(query|key|value)\.weight", (HEADS, RESIDUAL)),
        (r"attention\.(query|key|value)\.bias", (HEADS,)),
        (r"attention\.output\.dense\.weight", (RESIDUAL, HEADS)),
        (r"intermediate\.dense\.weight", (HIDDEN, RESIDUAL)),
        (r"intermediate\.dense\.bias", (HIDDEN,)),
        (r"output\.dense\.weight", (RESIDUAL, HIDDEN)),
        (r"", (RESIDUAL,)),
    ],
    "whisper": [
        (r"head\.weight", (None, RESIDUAL)),
        (r"head\.bias", (None,)),
        (r"conv1\.weight", (CHANNELS, None, None)),
        (r"conv1\.bias", (CHANNELS,)),
        (r"conv2\.weight", (RESIDUAL, CHANNELS, None)),
        (r"embed_positions", (None, RESIDUAL)),
        (r"[qkv]_proj\.weight", (HEADS, RESIDUAL)),
        (r"[qkv]_proj\.bias", (HEADS,)),
        (r"out_proj\.weight", (RESIDUAL, HEADS)),
        (r"fc1\.weight", (HIDDEN, RESIDUAL)),
        (r"fc1\.bias", (HIDDEN,)),
        (r"fc2\.weight", (RESIDUAL, HIDDEN)),
        (r"", (RESIDUAL,)),
    ],
}


def layer_of(name: str) -> str:
    found = re.search(r"\.(\d+)\.", f".{name}")
    return found.group(1) if found else ""


def permute(w: dict, family: str, n_heads: int, random, kinds) -> dict:
    """Every axis of the `kinds` in a new order: one for the residual stream, one a layer else."""
    orders = {}

    def order(kind, layer, size):
        key = (kind, "" if kind in (RESIDUAL, CHANNELS) else layer)
        if key not in orders:
            if kind == HEADS:
                heads = random.permutation(n_heads)
                each = torch.arange(size // n_heads)
                orders[key] = torch.cat([int(h) * (size // n_heads) + each for h in heads])
            else:
                orders[key] = torch.from_numpy(random.permutation(size))
        return orders[key]

    out = {}
    for name in sorted(w):
        x = w[name]
        axes = next(axes for pattern, axes in AXES[family] if re.search(pattern, name))
        for axis, kind in enumerate(axes):
            if kind == THREE_HEADS and HEADS in kinds:
                third = x.shape[axis] // 3
                one = order(HEADS, layer_of(name), third)
                x = x.index_select(axis, torch.cat([one + part * third for part in range(3)]))
            elif kind in kinds:
                x = x.index_select(axis, order(kind, layer_of(name), x.shape[axis]))
        out[name] = x
    return out
