# /// script
# requires-python = ">=3.10"
# dependencies = ["numpy==2.2.6"]
# ///
"""Writes seeded bf16 llama-like checkpoints to compare with one another.

    python bench/make_pair.py DIR SIZE [NAME...]

SIZE is a number of GiB each, or `7b`: 32 layers, 4,096 wide, 11,008 hidden units, 13.5 GB each.
NAME picks some of these, all when none is named:

b  the reference
a  b plus noise of 10 % of each tensor's spread
c  independent of both
h  b hidden: residual coordinates permuted and signed, hidden units renumbered in every layer, and
   noise of 10 % on top
"""

import json
import pathlib
import struct
import sys

import numpy as np

VOCABULARY = 32000


class Shape:
    """A llama-like network by its sizes."""

    def __init__(self, size: str):
        if size == "7b":
            self.width, self.hidden, self.layers = 4096, 11008, 32
            return
        self.width, self.hidden = 2048, 5504
        per_layer = 2 * (4 * self.width**2 + 3 * self.width * self.hidden)
        tables = 4 * VOCABULARY * self.width
        self.layers = max(2, round((float(size) * 2**30 - tables) / per_layer))

    def tensors(self):
        """Name, shape, layer, and what numbers the rows and the columns."""
        width, hidden = self.width, self.hidden
        yield "model.embed_tokens.weight", (VOCABULARY, width), None, ("", "residual")
        for layer in range(self.layers):
            at = f"model.layers.{layer}."
            for name in "qkvo":
                axes = ("residual", "") if name == "o" else ("", "residual")
                yield f"{at}self_attn.{name}_proj.weight", (width, width), layer, axes
            for name in ("gate", "up"):
                yield f"{at}mlp.{name}_proj.weight", (hidden, width), layer, ("unit", "residual")
            yield f"{at}mlp.down_proj.weight", (width, hidden), layer, ("residual", "unit")
            yield f"{at}input_layernorm.weight", (width,), layer, ("gain",)
            yield f"{at}post_attention_layernorm.weight", (width,), layer, ("gain",)
        yield "model.norm.weight", (width,), None, ("gain",)
        yield "lm_head.weight", (VOCABULARY, width), None, ("", "residual")


def bf16(values: np.ndarray) -> bytes:
    bits = values.view(np.uint32)
    bits += 0x7FFF + ((bits >> 16) & 1)
    return (bits >> 16).astype("<u2").tobytes()


def normal(seed: int, index: int, shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng([seed, index]).standard_normal(shape, dtype=np.float32)


def weights(seed: int, index: int, shape: tuple[int, ...]) -> np.ndarray:
    values = normal(seed, index, shape)
    return 1 + np.float32(0.2) * values if len(shape) == 1 else np.float32(0.02) * values


def noised(values: np.ndarray, index: int) -> np.ndarray:
    return values + np.float32(0.1) * values.std() * normal(2, index, values.shape)


class Disguise:
    """One numbering of the residual coordinates with signs, one of the units for every layer."""

    def __init__(self, shape: Shape):
        draws = np.random.default_rng(4)
        self.residual = draws.permutation(shape.width)
        self.signs = draws.choice(np.array([-1, 1], np.float32), shape.width)
        self.units = [draws.permutation(shape.hidden) for _ in range(shape.layers)]

    def worn(self, values: np.ndarray, layer: int | None, axes: tuple[str, ...]) -> np.ndarray:
        for axis, kind in enumerate(axes):
            if kind == "unit":
                values = np.take(values, self.units[layer], axis)
            elif kind:
                values = np.take(values, self.residual, axis)
            if kind == "residual":
                values = values * (self.signs if axis else self.signs[:, None])
        return values


def write(folder: pathlib.Path, shape: Shape, value) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    header, place = {}, 0
    for name, sizes, _, _ in shape.tensors():
        end = place + 2 * int(np.prod(sizes))
        header[name] = {"dtype": "BF16", "shape": sizes, "data_offsets": [place, end]}
        place = end
    text = json.dumps(header).encode()
    with open(folder / "model.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for index, (_, sizes, layer, axes) in enumerate(shape.tensors()):
            file.write(bf16(np.ascontiguousarray(value(index, sizes, layer, axes))))


def main() -> None:
    folder, shape = pathlib.Path(sys.argv[1]), Shape(sys.argv[2])
    disguise = Disguise(shape)

    def hidden(index, sizes, layer, axes):
        return noised(disguise.worn(weights(1, index, sizes), layer, axes), index)

    makers = {
        "b": lambda index, sizes, *_: weights(1, index, sizes),
        "a": lambda index, sizes, *_: noised(weights(1, index, sizes), index),
        "c": lambda index, sizes, *_: weights(3, index, sizes),
        "h": hidden,
    }
    for name in sys.argv[3:] or makers:
        write(folder / name, shape, makers[name])


main()
