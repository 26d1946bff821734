# /// script
# requires-python = ">=3.10"
# dependencies = ["numpy==2.2.6"]
# ///
"""Writes a pair of seeded bf16 llama-like checkpoints of about GIB gibibytes each.

    python bench/make_pair.py DIR GIB

DIR/a is DIR/b plus noise of 10 % of each tensor's spread; DIR/c is independent of both.
"""

import json
import pathlib
import struct
import sys

import numpy as np

WIDTH, HIDDEN, VOCABULARY = 2048, 5504, 32000


def shapes(layers: int):
    yield "model.embed_tokens.weight", (VOCABULARY, WIDTH)
    for layer in range(layers):
        at = f"model.layers.{layer}."
        for name in "qkvo":
            yield f"{at}self_attn.{name}_proj.weight", (WIDTH, WIDTH)
        yield f"{at}mlp.gate_proj.weight", (HIDDEN, WIDTH)
        yield f"{at}mlp.up_proj.weight", (HIDDEN, WIDTH)
        yield f"{at}mlp.down_proj.weight", (WIDTH, HIDDEN)
        yield f"{at}input_layernorm.weight", (WIDTH,)
        yield f"{at}post_attention_layernorm.weight", (WIDTH,)
    yield "model.norm.weight", (WIDTH,)
    yield "lm_head.weight", (VOCABULARY, WIDTH)


def bf16(values: np.ndarray) -> bytes:
    bits = values.astype(np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2").tobytes()


def weights(seed: int, index: int, shape: tuple[int, ...]) -> np.ndarray:
    values = np.random.default_rng([seed, index]).standard_normal(shape, dtype=np.float32)
    return 1 + 0.2 * values if len(shape) == 1 else 0.02 * values


def write(folder: pathlib.Path, layers: int, value) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    header, place = {}, 0
    for name, shape in shapes(layers):
        end = place + 2 * int(np.prod(shape))
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [place, end]}
        place = end
    text = json.dumps(header).encode()
    with open(folder / "model.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for index, (_, shape) in enumerate(shapes(layers)):
            file.write(bf16(value(index, shape)))


def main() -> None:
    folder, gib = pathlib.Path(sys.argv[1]), float(sys.argv[2])
    per_layer = 2 * (4 * WIDTH * WIDTH + 3 * WIDTH * HIDDEN)
    layers = max(2, round((gib * 2**30 - 4 * VOCABULARY * WIDTH) / per_layer))

    def child(index, shape):
        parent = weights(1, index, shape)
        return parent + 0.1 * parent.std() * np.random.default_rng([2, index]).standard_normal(shape, dtype=np.float32)

    write(folder / "b", layers, lambda index, shape: weights(1, index, shape))
    write(folder / "a", layers, child)
    write(folder / "c", layers, lambda index, shape: weights(3, index, shape))


main()
