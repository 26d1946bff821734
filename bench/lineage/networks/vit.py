"""Vision transformer that names the kind of a picture, with the names of Hugging Face."""

import torch
import torch.nn.functional as F

from .blocks import Initial, attend, join, layer_norm, linear, split

COMPONENTS = ("vision-encoder",)
FROZEN = ()


def config(**changes) -> dict:
    return {
        "architectures": ["ViTForImageClassification"],
        "model_type": "vit",
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "image_size": 16,
        "patch_size": 4,
        "num_channels": 3,
        "layer_norm_eps": 1e-5,
        "hidden_act": "gelu",
        "torch_dtype": "bfloat16",
        **changes,
    }


def initial(cfg: dict, seed: int) -> dict:
    draw, width, hidden = Initial(seed, 5), cfg["hidden_size"], cfg["intermediate_size"]
    patch, places = cfg["patch_size"], (cfg["image_size"] // cfg["patch_size"]) ** 2 + 1
    at = "vit.embeddings"
    draw.normal(f"{at}.cls_token", 1, 1, width)
    draw.normal(f"{at}.position_embeddings", 1, places, width)
    draw.normal(f"{at}.patch_embeddings.projection.weight", width, cfg["num_channels"], patch, patch)
    draw.w[f"{at}.patch_embeddings.projection.bias"] = torch.zeros(width)
    for layer in range(cfg["num_hidden_layers"]):
        at = f"vit.encoder.layer.{layer}"
        draw.ones(f"{at}.layernorm_before", width, bias=True)
        for name in ("query", "key", "value"):
            draw.linear(f"{at}.attention.attention.{name}", width, width)
        draw.linear(f"{at}.attention.output.dense", width, width)
        draw.ones(f"{at}.layernorm_after", width, bias=True)
        draw.linear(f"{at}.intermediate.dense", hidden, width)
        draw.linear(f"{at}.output.dense", width, hidden)
    draw.ones("vit.layernorm", width, bias=True)
    draw.linear("classifier", 16, width)
    return draw.w


def states(w, cfg, images):
    """What the encoder says of every place, the class token first: `[batch, places, width]`."""
    at = "vit.embeddings"
    name = f"{at}.patch_embeddings.projection"
    x = F.conv2d(images, w[f"{name}.weight"], w[f"{name}.bias"], stride=cfg["patch_size"])
    x = torch.cat([w[f"{at}.cls_token"].expand(len(images), -1, -1), x.flatten(2).mT], 1)
    x = x + w[f"{at}.position_embeddings"]
    for layer in range(cfg["num_hidden_layers"]):
        at = f"vit.encoder.layer.{layer}"
        y = layer_norm(x, w, f"{at}.layernorm_before")
        parts = (linear(y, w, f"{at}.attention.attention.{n}") for n in ("query", "key", "value"))
        q, k, v = (split(part, cfg["num_attention_heads"]) for part in parts)
        x = x + linear(join(attend(q, k, v, causal=False)), w, f"{at}.attention.output.dense")
        up = F.gelu(linear(layer_norm(x, w, f"{at}.layernorm_after"), w, f"{at}.intermediate.dense"))
        x = x + linear(up, w, f"{at}.output.dense")
    return layer_norm(x, w, "vit.layernorm")


def output(w, cfg, batch):
    return linear(states(w, cfg, batch[0])[:, 0], w, "classifier")


def loss(w, cfg, batch):
    return F.cross_entropy(output(w, cfg, batch), batch[1])
