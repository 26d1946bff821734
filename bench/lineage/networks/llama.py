"""Llama-like decoder: RMSNorm, rotary grouped-query attention, SwiGLU or experts, untied head.

The experts carry the names of Mixtral or, where the configuration says so, of Qwen3-MoE.
"""

import torch
import torch.nn.functional as F

from . import blocks
from .blocks import Initial, attend, join, linear, rms_norm, rotate, split

COMPONENTS = ("language-model", "output-head", "token-embedding")
FROZEN = ()


def config(**changes) -> dict:
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": 64,
        "intermediate_size": 96,
        "num_hidden_layers": 4,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 16,
        "vocab_size": 160,
        "rms_norm_eps": 1e-5,
        "rope_theta": 100.0,
        "max_position_embeddings": 64,
        "tie_word_embeddings": False,
        "hidden_act": "silu",
        "torch_dtype": "bfloat16",
        **changes,
    }


def moe_config(**changes) -> dict:
    return config(
        **{
            "architectures": ["MixtralForCausalLM"],
            "model_type": "mixtral",
            "intermediate_size": 64,
            "num_hidden_layers": 2,
            "num_local_experts": 4,
            "num_experts_per_tok": 2,
            **changes,
        }
    )


def qwen_moe_config(**changes) -> dict:
    """The same network under the names of Qwen3-MoE."""
    experts = {"num_experts": 4, "num_experts_per_tok": 2, "norm_topk_prob": True}
    names = {"architectures": ["Qwen3MoeForCausalLM"], "model_type": "qwen3_moe"}
    out = config(**{**names, **experts, **changes})
    out["moe_intermediate_size"] = out["intermediate_size"]
    return out


def experts_of(cfg: dict) -> int:
    return cfg.get("num_local_experts", cfg.get("num_experts", 0))


def router(cfg: dict, layer: int) -> str:
    block = "block_sparse_moe" if cfg["model_type"] == "mixtral" else "mlp"
    return f"model.layers.{layer}.{block}.gate.weight"


def mlp_names(cfg: dict, layer: int, expert: int | None = None) -> tuple[str, str, str]:
    """The names of gate, up and down."""
    at = f"model.layers.{layer}"
    if expert is None:
        return tuple(f"{at}.mlp.{n}_proj.weight" for n in ("gate", "up", "down"))
    if cfg["model_type"] == "mixtral":
        return tuple(f"{at}.block_sparse_moe.experts.{expert}.{n}.weight" for n in ("w1", "w3", "w2"))
    return tuple(f"{at}.mlp.experts.{expert}.{n}_proj.weight" for n in ("gate", "up", "down"))


def mlps(cfg: dict, layer: int) -> list[tuple[str, str, str]]:
    n = experts_of(cfg)
    return [mlp_names(cfg, layer, e) for e in range(n)] if n else [mlp_names(cfg, layer)]


def initial(cfg: dict, seed: int) -> dict:
    draw = Initial(seed, 2 if experts_of(cfg) else 1)
    width, hidden, size = cfg["hidden_size"], cfg["intermediate_size"], cfg["head_dim"]
    queries, keys = cfg["num_attention_heads"] * size, cfg["num_key_value_heads"] * size
    draw.normal("model.embed_tokens.weight", cfg["vocab_size"], width)
    for layer in range(cfg["num_hidden_layers"]):
        at = f"model.layers.{layer}"
        draw.ones(f"{at}.input_layernorm", width)
        for name, rows in (("q", queries), ("k", keys), ("v", keys)):
            draw.linear(f"{at}.self_attn.{name}_proj", rows, width, bias=False)
        draw.linear(f"{at}.self_attn.o_proj", width, queries, bias=False)
        draw.ones(f"{at}.post_attention_layernorm", width)
        if experts_of(cfg):
            draw.normal(router(cfg, layer), experts_of(cfg), width)
        for gate, up, down in mlps(cfg, layer):
            draw.normal(gate, hidden, width)
            draw.normal(up, hidden, width)
            draw.normal(down, width, hidden)
    draw.ones("model.norm", width)
    draw.normal("lm_head.weight", cfg["vocab_size"], width)
    return draw.w


def feed_forward(x, w, cfg, layer):
    def one(names):
        gate, up, down = (w[name] for name in names)
        return F.linear(F.silu(F.linear(x, gate)) * F.linear(x, up), down)

    if not experts_of(cfg):
        return one(mlp_names(cfg, layer))
    share = F.linear(x, w[router(cfg, layer)]).softmax(-1)
    best, which = share.topk(cfg["num_experts_per_tok"], -1)
    chosen = torch.zeros_like(share).scatter(-1, which, best / best.sum(-1, keepdim=True))
    all_experts = torch.stack([one(names) for names in mlps(cfg, layer)], -1)
    return (all_experts * chosen.unsqueeze(-2)).sum(-1)


def body(x, w, cfg):
    """The residual stream after the last norm, from the stream `x [batch, length, width]`."""
    for layer in range(cfg["num_hidden_layers"]):
        at = f"model.layers.{layer}"
        y = rms_norm(x, w[f"{at}.input_layernorm.weight"])
        q, k, v = (linear(y, w, f"{at}.self_attn.{n}_proj") for n in "qkv")
        q, k, v = split(q, cfg["num_attention_heads"]), *(split(z, cfg["num_key_value_heads"]) for z in (k, v))
        q, k = (rotate(z, cfg["rope_theta"]) for z in (q, k))
        x = x + linear(join(attend(q, k, v, causal=True)), w, f"{at}.self_attn.o_proj")
        x = x + feed_forward(rms_norm(x, w[f"{at}.post_attention_layernorm.weight"]), w, cfg, layer)
    return rms_norm(x, w["model.norm.weight"])


def output(w, cfg, batch):
    x = F.embedding(batch[:, :-1], w["model.embed_tokens.weight"])
    return F.linear(body(x, w, cfg), w["lm_head.weight"])


def loss(w, cfg, batch):
    return blocks.next_token(output(w, cfg, batch), batch)
