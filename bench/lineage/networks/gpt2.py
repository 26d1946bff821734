"""GPT-2-like decoder: learned positions, LayerNorm, fused Conv1D projections, tied head."""

import torch.nn.functional as F

from . import blocks
from .blocks import Initial, attend, join, layer_norm, split

COMPONENTS = ("language-model", "token-embedding")
FROZEN = ()


def config(**changes) -> dict:
    return {
        "architectures": ["GPT2LMHeadModel"],
        "model_type": "gpt2",
        "n_embd": 64,
        "n_inner": 128,
        "n_layer": 2,
        "n_head": 4,
        "n_positions": 32,
        "vocab_size": 160,
        "layer_norm_epsilon": 1e-5,
        "activation_function": "gelu_new",
        "torch_dtype": "bfloat16",
        **changes,
    }


def initial(cfg: dict, seed: int) -> dict:
    draw, width, hidden = Initial(seed, 3), cfg["n_embd"], cfg["n_inner"]

    def conv1d(name, inputs, outputs):
        draw.normal(f"{name}.weight", inputs, outputs)
        draw.w[f"{name}.bias"] = draw.w[f"{name}.weight"].new_zeros(outputs)

    draw.normal("wte.weight", cfg["vocab_size"], width)
    draw.normal("wpe.weight", cfg["n_positions"], width, spread=0.02)
    for layer in range(cfg["n_layer"]):
        draw.ones(f"h.{layer}.ln_1", width, bias=True)
        conv1d(f"h.{layer}.attn.c_attn", width, 3 * width)
        conv1d(f"h.{layer}.attn.c_proj", width, width)
        draw.ones(f"h.{layer}.ln_2", width, bias=True)
        conv1d(f"h.{layer}.mlp.c_fc", width, hidden)
        conv1d(f"h.{layer}.mlp.c_proj", hidden, width)
    draw.ones("ln_f", width, bias=True)
    return draw.w


def output(w, cfg, batch):
    def conv1d(x, name):
        return x @ w[f"{name}.weight"] + w[f"{name}.bias"]

    read = batch[:, :-1]
    x = F.embedding(read, w["wte.weight"]) + w["wpe.weight"][: read.shape[1]]
    for layer in range(cfg["n_layer"]):
        at = f"h.{layer}"
        parts = conv1d(layer_norm(x, w, f"{at}.ln_1"), f"{at}.attn.c_attn").chunk(3, -1)
        q, k, v = (split(part, cfg["n_head"]) for part in parts)
        x = x + conv1d(join(attend(q, k, v, causal=True)), f"{at}.attn.c_proj")
        up = conv1d(layer_norm(x, w, f"{at}.ln_2"), f"{at}.mlp.c_fc")
        x = x + conv1d(F.gelu(up, approximate="tanh"), f"{at}.mlp.c_proj")
    return F.linear(layer_norm(x, w, "ln_f"), w["wte.weight"])


def loss(w, cfg, batch):
    return blocks.next_token(output(w, cfg, batch), batch)
