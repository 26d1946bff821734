"""Encoder of Whisper: two convolutions, sinusoidal positions, keys without bias.

It learns to name the state of every second frame through a head that is not published with it.
"""

import math

import torch
import torch.nn.functional as F

from .blocks import Initial, attend, join, layer_norm, linear, split
from .data import STATES

COMPONENTS = ("audio-encoder",)
FROZEN = ("model.encoder.embed_positions.weight",)
UNPUBLISHED = ("head.weight", "head.bias")


def config(**changes) -> dict:
    return {
        "architectures": ["WhisperModel"],
        "model_type": "whisper",
        "d_model": 64,
        "encoder_ffn_dim": 128,
        "encoder_layers": 2,
        "encoder_attention_heads": 4,
        "num_mel_bins": 16,
        "max_source_positions": 32,
        "activation_function": "gelu",
        "torch_dtype": "bfloat16",
        **changes,
    }


def sinusoids(length: int, width: int) -> torch.Tensor:
    half = width // 2
    rates = torch.exp(-math.log(10000) / (half - 1) * torch.arange(half))
    angles = torch.arange(length)[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], 1)


def initial(cfg: dict, seed: int) -> dict:
    draw, width, hidden = Initial(seed, 6), cfg["d_model"], cfg["encoder_ffn_dim"]
    for name, inputs in (("conv1", cfg["num_mel_bins"]), ("conv2", width)):
        draw.normal(f"model.encoder.{name}.weight", width, inputs, 3)
        draw.w[f"model.encoder.{name}.bias"] = torch.zeros(width)
    places = cfg["max_source_positions"]
    draw.w["model.encoder.embed_positions.weight"] = sinusoids(places, width)
    for layer in range(cfg["encoder_layers"]):
        at = f"model.encoder.layers.{layer}"
        draw.ones(f"{at}.self_attn_layer_norm", width, bias=True)
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            draw.linear(f"{at}.self_attn.{name}", width, width, bias=name != "k_proj")
        draw.ones(f"{at}.final_layer_norm", width, bias=True)
        draw.linear(f"{at}.fc1", hidden, width)
        draw.linear(f"{at}.fc2", width, hidden)
    draw.ones("model.encoder.layer_norm", width, bias=True)
    return with_head(draw.w, seed)


def with_head(w: dict, seed: int) -> dict:
    draw = Initial(seed, 7)
    draw.linear("head", STATES, w["model.encoder.layer_norm.weight"].shape[0])
    return {**w, **draw.w}


def states(w, cfg, sound):
    x = sound
    for name, stride in (("conv1", 1), ("conv2", 2)):
        at = f"model.encoder.{name}"
        x = F.gelu(F.conv1d(x, w[f"{at}.weight"], w[f"{at}.bias"], stride=stride, padding=1))
    x = x.mT + w["model.encoder.embed_positions.weight"]
    for layer in range(cfg["encoder_layers"]):
        at = f"model.encoder.layers.{layer}"
        y = layer_norm(x, w, f"{at}.self_attn_layer_norm")
        parts = (linear(y, w, f"{at}.self_attn.{n}_proj") for n in "qkv")
        q, k, v = (split(part, cfg["encoder_attention_heads"]) for part in parts)
        x = x + linear(join(attend(q, k, v, causal=False)), w, f"{at}.self_attn.out_proj")
        up = F.gelu(linear(layer_norm(x, w, f"{at}.final_layer_norm"), w, f"{at}.fc1"))
        x = x + linear(up, w, f"{at}.fc2")
    return layer_norm(x, w, "model.encoder.layer_norm")


def output(w, cfg, batch):
    """What the encoder says; the head is asked only by `loss`."""
    return states(w, cfg, batch[0])


def loss(w, cfg, batch):
    asked = linear(output(w, cfg, batch), w, "head")
    return F.cross_entropy(asked.flatten(0, 1), batch[1][:, ::2].flatten())
