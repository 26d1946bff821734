"""BERT-like encoder: norms after the sum, tokens hidden at random and predicted, tied head."""

import torch
import torch.nn.functional as F

from .blocks import Initial, attend, join, layer_norm, linear, split

COMPONENTS = ("output-head", "text-encoder", "token-embedding")
FROZEN = ()
MASK = 0


def config(**changes) -> dict:
    return {
        "architectures": ["BertForMaskedLM"],
        "model_type": "bert",
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "vocab_size": 160,
        "type_vocab_size": 2,
        "max_position_embeddings": 33,
        "layer_norm_eps": 1e-5,
        "hidden_act": "gelu",
        "torch_dtype": "bfloat16",
        **changes,
    }


def initial(cfg: dict, seed: int) -> dict:
    draw, width, hidden = Initial(seed, 4), cfg["hidden_size"], cfg["intermediate_size"]
    at = "bert.embeddings"
    draw.normal(f"{at}.word_embeddings.weight", cfg["vocab_size"], width)
    draw.normal(f"{at}.position_embeddings.weight", cfg["max_position_embeddings"], width)
    draw.normal(f"{at}.token_type_embeddings.weight", cfg["type_vocab_size"], width)
    draw.ones(f"{at}.LayerNorm", width, bias=True)
    for layer in range(cfg["num_hidden_layers"]):
        at = f"bert.encoder.layer.{layer}"
        for name in ("query", "key", "value"):
            draw.linear(f"{at}.attention.self.{name}", width, width)
        draw.linear(f"{at}.attention.output.dense", width, width)
        draw.ones(f"{at}.attention.output.LayerNorm", width, bias=True)
        draw.linear(f"{at}.intermediate.dense", hidden, width)
        draw.linear(f"{at}.output.dense", width, hidden)
        draw.ones(f"{at}.output.LayerNorm", width, bias=True)
    draw.linear("cls.predictions.transform.dense", width, width)
    draw.ones("cls.predictions.transform.LayerNorm", width, bias=True)
    draw.w["cls.predictions.bias"] = torch.zeros(cfg["vocab_size"])
    return draw.w


def output(w, cfg, batch):
    at = "bert.embeddings"
    x = F.embedding(batch, w[f"{at}.word_embeddings.weight"])
    x = x + w[f"{at}.position_embeddings.weight"][: batch.shape[1]]
    x = layer_norm(x + w[f"{at}.token_type_embeddings.weight"][0], w, f"{at}.LayerNorm")
    for layer in range(cfg["num_hidden_layers"]):
        at = f"bert.encoder.layer.{layer}"
        parts = (linear(x, w, f"{at}.attention.self.{n}") for n in ("query", "key", "value"))
        q, k, v = (split(part, cfg["num_attention_heads"]) for part in parts)
        mixed = linear(join(attend(q, k, v, causal=False)), w, f"{at}.attention.output.dense")
        x = layer_norm(x + mixed, w, f"{at}.attention.output.LayerNorm")
        up = F.gelu(linear(x, w, f"{at}.intermediate.dense"))
        x = layer_norm(x + linear(up, w, f"{at}.output.dense"), w, f"{at}.output.LayerNorm")
    x = F.gelu(linear(x, w, "cls.predictions.transform.dense"))
    x = layer_norm(x, w, "cls.predictions.transform.LayerNorm")
    return F.linear(x, w["bert.embeddings.word_embeddings.weight"], w["cls.predictions.bias"])


def loss(w, cfg, batch):
    # Which tokens are hidden follows from the batch, so that every network is asked the same.
    hidden = (batch * 7 + batch.roll(1, 1) * 13 + torch.arange(batch.shape[1])) % 6 == 0
    shown = batch.masked_fill(hidden, MASK)
    return F.cross_entropy(output(w, cfg, shown)[hidden], batch[hidden])
