"""Changes that keep the function of a Llama-like network and hide where it comes from.

Each takes weights, configuration and a seeded generator, and returns new weights. Rows of a matrix
are outputs. `recipes.py` checks that the function is kept.
"""

import numpy as np
import torch

from . import llama


def tensor(values) -> torch.Tensor:
    return torch.from_numpy(np.asarray(values, dtype=np.float32))


def orthogonal(random, n: int) -> torch.Tensor:
    q, r = np.linalg.qr(random.standard_normal((n, n)))
    return tensor(q * np.sign(np.diag(r)))


def signs(random, n: int) -> torch.Tensor:
    return tensor(random.choice([-1.0, 1.0], n))


def attention(layer: int) -> dict:
    return {n: f"model.layers.{layer}.self_attn.{n}_proj.weight" for n in "qkvo"}


def layers(cfg):
    return range(cfg["num_hidden_layers"])


def permute_hidden(w, cfg, random):
    """Hidden units of every MLP and expert in another order."""
    w = dict(w)
    for layer in layers(cfg):
        for gate, up, down in llama.mlps(cfg, layer):
            order = torch.from_numpy(random.permutation(len(w[gate])))
            w[gate], w[up], w[down] = w[gate][order], w[up][order], w[down][:, order]
    return w


def permute_heads(w, cfg, random):
    """Groups of heads in another order, and the query heads within each."""
    w, size = dict(w), cfg["head_dim"]
    groups = cfg["num_key_value_heads"]
    each = cfg["num_attention_heads"] // groups
    for layer in layers(cfg):
        names = attention(layer)
        order = random.permutation(groups)
        heads = np.concatenate([g * each + random.permutation(each) for g in order])
        keys = tensor_index(order, size)
        queries = tensor_index(heads, size)
        w[names["q"]], w[names["o"]] = w[names["q"]][queries], w[names["o"]][:, queries]
        w[names["k"]], w[names["v"]] = w[names["k"]][keys], w[names["v"]][keys]
    return w


def tensor_index(blocks, size: int) -> torch.Tensor:
    return torch.from_numpy((np.asarray(blocks)[:, None] * size + np.arange(size)).ravel())


def scale_units(w, cfg, random):
    """Every hidden unit's up row by a factor of its own, its down column by the inverse."""
    w = dict(w)
    for layer in layers(cfg):
        for _, up, down in llama.mlps(cfg, layer):
            factor = tensor(np.exp(0.7 * random.standard_normal(len(w[up]))))
            w[up], w[down] = w[up] * factor[:, None], w[down] / factor
    return w


def flip_signs(w, cfg, random):
    """Signs of up with down, and of value with output coordinates."""
    w, size = dict(w), cfg["head_dim"]
    each = cfg["num_attention_heads"] // cfg["num_key_value_heads"]
    for layer in layers(cfg):
        for _, up, down in llama.mlps(cfg, layer):
            sign = signs(random, len(w[up]))
            w[up], w[down] = w[up] * sign[:, None], w[down] * sign
        names = attention(layer)
        sign = signs(random, len(w[names["v"]]))
        w[names["v"]] = w[names["v"]] * sign[:, None]
        for_heads = sign.view(-1, size).repeat_interleave(each, 0).flatten()
        w[names["o"]] = w[names["o"]] * for_heads
    return w


def mix_values(w, cfg, random):
    """An invertible matrix between values and outputs of every group of heads."""
    w, size = dict(w), cfg["head_dim"]
    each = cfg["num_attention_heads"] // cfg["num_key_value_heads"]
    for layer in layers(cfg):
        names = attention(layer)
        v, o = w[names["v"]].clone(), w[names["o"]].clone()
        for group in range(cfg["num_key_value_heads"]):
            stretch = tensor(np.exp(0.3 * random.standard_normal(size)))
            mix = orthogonal(random, size) * stretch @ orthogonal(random, size)
            rows = slice(group * size, (group + 1) * size)
            v[rows] = mix @ v[rows]
            for head in range(group * each, (group + 1) * each):
                cols = slice(head * size, (head + 1) * size)
                o[:, cols] = o[:, cols] @ torch.linalg.inv(mix)
        w[names["v"]], w[names["o"]] = v, o
    return w


def turn_queries(w, cfg, random):
    """A complex factor for every rotary pair of a key head, undone in its query heads."""
    w, half = dict(w), cfg["head_dim"] // 2
    each = cfg["num_attention_heads"] // cfg["num_key_value_heads"]
    for layer in layers(cfg):
        names = attention(layer)
        k = w[names["k"]].view(-1, 2, half, w[names["k"]].shape[1])
        q = w[names["q"]].view(-1, 2, half, w[names["q"]].shape[1])
        angle = tensor(random.uniform(0, 2 * np.pi, (len(k), half)))
        size = tensor(np.exp(0.3 * random.standard_normal((len(k), half))))

        def turned(x, angle, size):
            cos, sin = (size * angle.cos())[..., None], (size * angle.sin())[..., None]
            a, b = x[:, 0], x[:, 1]
            return torch.stack([a * cos - b * sin, a * sin + b * cos], 1)

        again = [x.repeat_interleave(each, 0) for x in (angle, 1 / size)]
        w[names["k"]] = turned(k, angle, size).reshape(w[names["k"]].shape)
        w[names["q"]] = turned(q, *again).reshape(w[names["q"]].shape)
    return w


def change_basis(w, cfg, turn, refold: bool):
    """The residual stream in another basis: `turn` is orthogonal.

    With `refold` each gain is folded into what reads it and taken out again on the new coordinates,
    which keeps the norm weights as they were; without, `turn` must permute coordinates and flip
    signs, which gains can follow.
    """
    w = dict(w)

    def read_through(norm, readers):
        gain = w[norm]
        new_gain = gain if refold else (turn.abs() @ gain)
        for name in readers:
            w[name] = (w[name] * gain) @ turn.T / new_gain
        w[norm] = new_gain

    for layer in layers(cfg):
        names, at = attention(layer), f"model.layers.{layer}"
        read_through(f"{at}.input_layernorm.weight", [names[n] for n in "qkv"])
        w[names["o"]] = turn @ w[names["o"]]
        mlps = llama.mlps(cfg, layer)
        readers = [name for gate, up, _ in mlps for name in (gate, up)]
        if llama.experts_of(cfg):
            readers.append(llama.router(cfg, layer))
        read_through(f"{at}.post_attention_layernorm.weight", readers)
        for *_, down in mlps:
            w[down] = turn @ w[down]
    read_through("model.norm.weight", ["lm_head.weight"])
    w["model.embed_tokens.weight"] = w["model.embed_tokens.weight"] @ turn.T
    return w


def permute_residual(w, cfg, random):
    """A signed permutation of the residual coordinates."""
    n = cfg["hidden_size"]
    turn = torch.eye(n)[torch.from_numpy(random.permutation(n))] * signs(random, n)[:, None]
    return change_basis(w, cfg, turn, refold=False)


def rotate_residual(w, cfg, random):
    """A rotation of the residual stream; the norm weights look untouched."""
    return change_basis(w, cfg, orthogonal(random, cfg["hidden_size"]), refold=True)


def permute_experts(w, cfg, random):
    """Experts of every layer in another order; returns the orders too."""
    out, orders = dict(w), []
    for layer in layers(cfg):
        all_names = llama.mlps(cfg, layer)
        order = random.permutation(len(all_names))
        for new, old in enumerate(order):
            for to, by in zip(all_names[new], all_names[old]):
                out[to] = w[by]
        gate = llama.router(cfg, layer)
        out[gate] = w[gate][torch.from_numpy(order)]
        orders.append(order.tolist())
    return out, orders


def noise(w, random, share: float):
    """Noise of `share` of each tensor's own spread. This one does not keep the function."""
    def noisy(x):
        drawn = tensor(random.standard_normal(tuple(x.shape)))
        return x + share * (x.std() if 1 < x.numel() else 0.0) * drawn

    return {name: noisy(w[name]) for name in sorted(w)}


PRESERVING = {
    "permute-hidden": permute_hidden,
    "permute-heads": permute_heads,
    "flip-signs": flip_signs,
    "scale-units": scale_units,
    "mix-values": mix_values,
    "turn-queries": turn_queries,
    "permute-residual": permute_residual,
    "rotate-residual": rotate_residual,
}


def all_at_once(w, cfg, random):
    for attack in PRESERVING.values():
        w = attack(w, cfg, random)
    return w
