"""Networks on disk: bf16 safetensors with a configuration, GGUF, or tensors without names."""

import json
import pathlib

import gguf
import numpy as np
import torch
from safetensors.torch import load_file, save_file



def published(family, w: dict) -> dict:
    hidden = getattr(family, "UNPUBLISHED", ())
    return {name: x for name, x in w.items() if name not in hidden}


def write(folder: pathlib.Path, w: dict, cfg: dict, form: str = "safetensors"):
    folder.mkdir(parents=True, exist_ok=True)
    if form.startswith("gguf:"):
        return write_gguf(folder / "model.gguf", w, cfg, form.removeprefix("gguf:"))
    if form == "nameless":
        w = {f"t{n:03}": x for n, x in enumerate(shuffled(w))}
        cfg = {}
    stored = {name: x.to(torch.bfloat16).contiguous() for name, x in w.items()}
    save_file(stored, folder / "model.safetensors", {"format": "pt"})
    if cfg:
        (folder / "config.json").write_text(json.dumps(cfg, indent=1) + "\n")


def shuffled(w: dict) -> list:
    names = sorted(w)
    return [w[names[k]] for k in np.random.default_rng(1).permutation(len(names))]


def read(folder: pathlib.Path) -> tuple[dict, dict]:
    w = {name: x.float() for name, x in load_file(folder / "model.safetensors").items()}
    return w, json.loads((folder / "config.json").read_text())


GGUF_NAMES = {
    "model.embed_tokens": "token_embd",
    "model.norm": "output_norm",
    "lm_head": "output",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def write_gguf(path: pathlib.Path, w: dict, cfg: dict, kind: str):
    """As llama.cpp's converter does: its names, and rotary rows in pairs instead of halves."""
    out = gguf.GGUFWriter(path, "llama")
    out.add_block_count(cfg["num_hidden_layers"])
    out.add_context_length(cfg["max_position_embeddings"])
    out.add_embedding_length(cfg["hidden_size"])
    out.add_feed_forward_length(cfg["intermediate_size"])
    out.add_head_count(cfg["num_attention_heads"])
    out.add_head_count_kv(cfg["num_key_value_heads"])
    out.add_rope_dimension_count(cfg["head_dim"])
    out.add_rope_freq_base(cfg["rope_theta"])
    out.add_layer_norm_rms_eps(cfg["rms_norm_eps"])
    out.add_vocab_size(cfg["vocab_size"])
    stored = gguf.GGMLQuantizationType[kind]
    for name, x in w.items():
        base, values = name.removesuffix(".weight"), x.numpy()
        if base in GGUF_NAMES:
            short = GGUF_NAMES[base]
        else:
            _, _, layer, rest = base.split(".", 3)
            short = f"blk.{layer}.{GGUF_NAMES[rest]}"
            heads = {"attn_q": "num_attention_heads", "attn_k": "num_key_value_heads"}
            if GGUF_NAMES[rest] in heads:
                values = in_pairs(values, cfg[heads[GGUF_NAMES[rest]]])
        if values.ndim == 1:
            out.add_tensor(f"{short}.weight", values)
        else:
            packed = gguf.quants.quantize(values, stored)
            out.add_tensor(f"{short}.weight", packed, raw_dtype=stored)
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()


def in_pairs(rows: np.ndarray, heads: int) -> np.ndarray:
    """Rows `i` and `i + size / 2` of every head next to each other."""
    split = rows.reshape(heads, 2, -1, rows.shape[-1])
    return np.ascontiguousarray(split.swapaxes(1, 2).reshape(rows.shape))
