# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6"]
# ///
"""Golden files and numbers for LoRA adapters laid over their base.

For every case a base, an adapter and the weights of the two together, computed in f64 as
`W + s * sum_k L[:, k] R[k, :]`, the sum from the first rank to the last, one operation at a time.

Writes into data/golden:

    adapters/CASE/base.safetensors, adapter_model.safetensors, adapter_config.json
    adapters.tsv    case, weight, shape, FNV-1a 64 of the f64 little-endian bytes of all values in
                    order, and the bits of the first two values

Usage: adapters.py [--check]    --check compares with the committed files and writes nothing.

Definitions: Hu et al., *LoRA*, ICLR 2022; arXiv:2312.03732 for alpha over the square root of the
rank; names and keys as the package `peft` 0.17 writes them.
"""

import json
import sys
from pathlib import Path

import numpy as np

import composed

GOLDEN = Path(__file__).resolve().parent.parent / "data" / "golden"
RNG = np.random.Generator(np.random.PCG64(20_261_124))
F, D = np.float32, np.float64


def draw(*shape):
    return RNG.standard_normal(shape).astype(F)


def product(left, right):
    """`left @ right` in f64, summed from the first rank to the last."""
    total = np.zeros((left.shape[0], right.shape[1]), D)
    for k in range(left.shape[1]):
        total = total + left.astype(D)[:, k : k + 1] * right.astype(D)[k : k + 1]
    return total


def config(**more):
    said = {
        "peft_type": "LORA",
        "base_model_name_or_path": "../../../../etc/passwd",
        "r": 4,
        "lora_alpha": 12,
        "target_modules": ["up_proj"],
        "fan_in_fan_out": False,
        "init_lora_weights": True,
    }
    return said | more


def plain():
    base, a, b = draw(10, 14), draw(4, 14), draw(10, 4)
    name = "model.layers.0.mlp.up_proj"
    adapter = {
        f"base_model.model.{name}.lora_A.weight": a,
        f"base_model.model.{name}.lora_B.weight": b,
    }
    return config(), {f"{name}.weight": base}, adapter, f"{name}.weight", base + D(3) * product(b, a)


def root():
    """Scaled by the square root, with a rank and an alpha of its own, in a wrapped base."""
    base, a, b = draw(6, 9), draw(2, 9), draw(6, 2)
    adapter = {"base_model.model.h.q.lora_A.weight": a, "base_model.model.h.q.lora_B.weight": b}
    said = config(use_rslora=True, rank_pattern={"h.q": 2}, alpha_pattern={"q": 0.3})
    values = base + D(0.3) / np.sqrt(D(2)) * product(b, a)
    return said, {"wrapped.h.q.weight": base}, adapter, "wrapped.h.q.weight", values


def turned():
    """A square weight that is stored [in, out]."""
    base, a, b = draw(8, 8), draw(4, 8), draw(8, 4)
    adapter = {
        "base_model.model.h.0.c_attn.lora_A.weight": a,
        "base_model.model.h.0.c_attn.lora_B.weight": b,
    }
    values = base + D(3) * product(a.T, b.T)
    return config(fan_in_fan_out=True), {"h.0.c_attn.weight": base}, adapter, "h.0.c_attn.weight", values


def table():
    base, a, b = draw(20, 6), draw(4, 20), draw(6, 4)
    adapter = {
        "base_model.model.model.embed_tokens.lora_embedding_A": a,
        "base_model.model.model.embed_tokens.lora_embedding_B": b,
    }
    name = "model.embed_tokens.weight"
    return config(), {name: base}, adapter, name, base + D(3) * product(a.T, b.T)


def convolution():
    base, a, b = draw(5, 3, 2, 2), draw(4, 3, 2, 2), draw(5, 4, 1, 1)
    adapter = {"base_model.model.c.conv.lora_A.weight": a, "base_model.model.c.conv.lora_B.weight": b}
    flat = product(b.reshape(5, 4), a.reshape(4, 12)).reshape(base.shape)
    return config(), {"c.conv.weight": base}, adapter, "c.conv.weight", base + D(3) * flat


def quantised():
    """An adapter on a base in 4 bits, and a head that it saved whole."""
    _, tensors, weight, values = composed.bnb_four("nf4", True)
    a, b = draw(4, values.shape[1]), draw(values.shape[0], 4)
    adapter = {
        "base_model.model.a.lora_A.weight": a,
        "base_model.model.a.lora_B.weight": b,
        "base_model.model.head.weight": draw(2, 3),
    }
    tensors = tensors | {"head.weight": draw(2, 3)}
    return config(), tensors, adapter, weight, values + D(3) * product(b, a)


CASES = {
    "plain": plain,
    "root": root,
    "turned": turned,
    "table": table,
    "convolution": convolution,
    "quantised": quantised,
}


def files():
    """Every golden file by its path below `data/golden`."""
    made, lines = {}, ["case\tweight\tshape\tfnv1a64\tfirst"]
    for case, make in CASES.items():
        said, base, adapter, weight, values = make()
        assert values.dtype == D, case
        made[f"adapters/{case}/base.safetensors"] = composed.safetensors(base)
        made[f"adapters/{case}/adapter_model.safetensors"] = composed.safetensors(adapter)
        made[f"adapters/{case}/adapter_config.json"] = (json.dumps(said, indent=2) + "\n").encode()
        bits = np.ascontiguousarray(values).view(np.uint64)
        shape = ",".join(str(axis) for axis in values.shape)
        first = " ".join(f"{b:016x}" for b in bits.ravel()[:2])
        lines.append(f"{case}\t{weight}\t{shape}\t{composed.fnv1a64(bits.tobytes()):016x}\t{first}")
    made["adapters.tsv"] = ("\n".join(lines) + "\n").encode()
    return made


if __name__ == "__main__":
    composed.write_or_check(files(), sys.argv[1:], __doc__)
