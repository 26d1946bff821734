"""LLaVA-like model: a vision encoder, a projector, and a Llama-like language model.

The encoder is `vit.py` without its classifier, under the names that LLaVA gives to CLIP.
"""

import torch
import torch.nn.functional as F

from . import llama, vit
from .blocks import Initial, linear

COMPONENTS = ("language-model", "output-head", "projector", "token-embedding", "vision-encoder")
FROZEN = ()

LANGUAGE, VISION = "language_model.", "vision_tower.vision_model."
TO_CLIP = (
    ("vit.embeddings.patch_embeddings.projection", "embeddings.patch_embedding"),
    ("vit.embeddings.position_embeddings", "embeddings.position_embedding.weight"),
    ("vit.embeddings.cls_token", "embeddings.class_embedding"),
    ("vit.encoder.layer.", "encoder.layers."),
    ("vit.layernorm.", "post_layernorm."),
    ("layernorm_before", "layer_norm1"),
    ("layernorm_after", "layer_norm2"),
    ("attention.attention.query", "self_attn.q_proj"),
    ("attention.attention.key", "self_attn.k_proj"),
    ("attention.attention.value", "self_attn.v_proj"),
    ("attention.output.dense", "self_attn.out_proj"),
    ("intermediate.dense", "mlp.fc1"),
    (".output.dense", ".mlp.fc2"),
)


def clip_name(name: str) -> str:
    for old, new in TO_CLIP:
        name = name.replace(old, new)
    return VISION + name


VIT_NAMES = {
    clip_name(name): (name, tuple(x.shape))
    for name, x in vit.initial(vit.config(), 0).items()
    if not name.startswith("classifier")
}


def config(language: dict | None = None) -> dict:
    vision = {**vit.config(), "model_type": "clip_vision_model"}
    return {
        "architectures": ["LlavaForConditionalGeneration"],
        "model_type": "llava",
        "text_config": language or llama.config(),
        "vision_config": vision,
        "torch_dtype": "bfloat16",
    }


def build(language: dict, vision: dict, cfg: dict, seed: int) -> dict:
    """From a Llama-like network, a vision transformer, and a projector that is drawn."""
    draw, width = Initial(seed, 8), cfg["text_config"]["hidden_size"]
    draw.linear("multi_modal_projector.linear_1", width, cfg["vision_config"]["hidden_size"])
    draw.linear("multi_modal_projector.linear_2", width, width)
    seen = {}
    for new, (old, shape) in VIT_NAMES.items():
        flat = {"position_embedding": shape[1:], "class_embedding": shape[2:]}
        shapes = [s for key, s in flat.items() if key in new]
        seen[new] = vision[old].reshape(shapes[0]) if shapes else vision[old]
    return {**{LANGUAGE + name: x for name, x in language.items()}, **seen, **draw.w}


def language_of(w: dict) -> dict:
    return {n.removeprefix(LANGUAGE): x for n, x in w.items() if n.startswith(LANGUAGE)}


def vision_of(w: dict) -> dict:
    return {old: w[new].reshape(shape) for new, (old, shape) in VIT_NAMES.items()}


def output(w, cfg, batch):
    images, tokens = batch
    places = vit.states(vision_of(w), cfg["vision_config"], images)
    hidden = F.gelu(linear(places, w, "multi_modal_projector.linear_1"))
    seen = linear(hidden, w, "multi_modal_projector.linear_2")
    language = language_of(w)
    read = F.embedding(tokens[:, :-1], language["model.embed_tokens.weight"])
    x = llama.body(torch.cat([seen, read], 1), language, cfg["text_config"])
    # The last picture's place already says the first token.
    x = x[:, seen.shape[1] - 1 : -1]
    return F.linear(x, language["lm_head.weight"])


def loss(w, cfg, batch):
    logits, tokens = output(w, cfg, batch), batch[1]
    return F.cross_entropy(logits.flatten(0, 1), tokens[:, :-1].flatten())
