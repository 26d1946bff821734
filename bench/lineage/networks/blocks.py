"""The pieces that several families are built from, as functions of tensors."""

import functools

import numpy as np
import torch
import torch.nn.functional as F


def rms_norm(x, gain):
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-5) * gain


def layer_norm(x, w, name):
    return F.layer_norm(x, x.shape[-1:], w[f"{name}.weight"], w[f"{name}.bias"], 1e-5)


def linear(x, w, name):
    return F.linear(x, w[f"{name}.weight"], w.get(f"{name}.bias"))


@functools.cache
def rotary(length: int, size: int, base: float):
    half = size // 2
    angle = torch.arange(length)[:, None] / base ** (torch.arange(half) / half)
    return angle.cos(), angle.sin()


def rotate(x, base: float):
    """Rotary positions: coordinate `i` of a head turns with coordinate `i + size / 2`."""
    cos, sin = rotary(x.shape[-2], x.shape[-1], base)
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


def split(x, heads: int):
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


def join(x):
    return x.transpose(1, 2).flatten(2)


def attend(q, k, v, causal: bool):
    """Attention over `[batch, heads, length, size]`; query heads share keys in consecutive groups."""
    group = q.shape[1] // k.shape[1]
    if 1 < group:
        k, v = k.repeat_interleave(group, 1), v.repeat_interleave(group, 1)
    return F.scaled_dot_product_attention(q, k, v, is_causal=causal)


class Initial:
    """Draws a network's first weights from its seed."""

    def __init__(self, seed: int, family: int):
        self.random, self.w = np.random.default_rng([seed, 2, family]), {}

    def normal(self, name: str, *shape: int, spread: float = 0.08):
        drawn = spread * self.random.standard_normal(shape)
        self.w[name] = torch.from_numpy(drawn.astype(np.float32))

    def linear(self, name: str, rows: int, cols: int, bias: bool = True):
        self.normal(f"{name}.weight", rows, cols)
        if bias:
            self.w[f"{name}.bias"] = torch.zeros(rows)

    def ones(self, name: str, n: int, bias: bool = False):
        self.w[f"{name}.weight"] = torch.ones(n)
        if bias:
            self.w[f"{name}.bias"] = torch.zeros(n)


def next_token(logits, tokens):
    """Mean cross-entropy of `logits [batch, length, vocabulary]` on the token after each."""
    return F.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten())
