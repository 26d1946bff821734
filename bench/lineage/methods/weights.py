"""Networks as NumPy arrays, and the parts of them that other methods look at."""

import json
import pathlib
import struct
from dataclasses import dataclass

import numpy as np


def read(folder: pathlib.Path) -> dict[str, np.ndarray] | None:
    """All tensors of a bf16 safetensors file in single precision; `None` of another format."""
    path = folder / "model.safetensors"
    if not path.exists():
        return None
    data, out = path.read_bytes(), {}
    (length,) = struct.unpack("<Q", data[:8])
    for name, tensor in json.loads(data[8 : 8 + length]).items():
        if name != "__metadata__":
            start, end = (8 + length + place for place in tensor["data_offsets"])
            bits = np.frombuffer(data[start:end], "<u2").astype(np.uint32) << 16
            out[name] = bits.view(np.float32).reshape(tensor["shape"])
    return out


@dataclass
class Attention:
    """Rows with a meaning that both networks share, and queries and keys as `[rows, width]`."""

    embedding: np.ndarray
    queries: list[np.ndarray]
    keys: list[np.ndarray]


def attention(w: dict[str, np.ndarray]) -> Attention | None:
    """Tokens, pixels of a patch, or positions are the shared rows. `None` where no name is known."""
    def all_of(*endings):
        return [w[name] for name in sorted(w) if name.endswith(endings) and "vision" not in name]

    if "wte.weight" in w:
        fused = [np.split(w[n].T, 3) for n in sorted(w) if n.endswith("c_attn.weight")]
        return Attention(w["wte.weight"], [f[0] for f in fused], [f[1] for f in fused])
    queries = all_of("q_proj.weight", "query.weight")
    keys = all_of("k_proj.weight", "key.weight")
    tables = all_of("embed_tokens.weight", "word_embeddings.weight", "embed_positions.weight")
    patches = all_of("patch_embeddings.projection.weight")
    if patches and queries:
        return Attention(patches[0].reshape(len(patches[0]), -1).T, queries, keys)
    return Attention(tables[0], queries, keys) if tables and queries else None
