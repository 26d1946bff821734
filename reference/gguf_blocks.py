# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "gguf==0.19.0"]
# ///
"""Golden numbers for the block types of ggml, and the grids that some of them look values up in.

Blocks are random bytes from a fixed seed, with the scales of some replaced by extremes: zero,
the smallest subnormal, the largest finite number, infinity and NaN, of either sign. What each
block stands for is computed by the package `gguf` (ggml-org/llama.cpp, gguf-py, MIT), module
`gguf.quants`, which its authors keep equal to the C code; only Q1_0 and Q8_K, which it does not
read, are computed here from their definitions: d or -d by a bit, and d times q in f32.

Writes

    data/golden/gguf_blocks.tsv           type, then FNV-1a 64 and SHA-256 of the f32 little-endian
                                          bytes of 512 blocks' values, every NaN written as
                                          7fc00000, then the first block and its first 8 values,
                                          all in hexadecimal
    crates/jokbo-tensors/data/grids.bin   the grids: IQ2_XXS, IQ2_XS, IQ2_S, IQ3_XXS, IQ3_S and
                                          IQ1_S, one after the other, one byte a value

The bytes of block number i of a type are not stored: they come from the generator written out
in `blocks`, which the Rust test repeats.

Usage: gguf_blocks.py [--check]    --check compares with the committed files and writes nothing.
"""

import hashlib
import sys
from pathlib import Path

import numpy as np
from gguf import quants
from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "data" / "golden" / "gguf_blocks.tsv"
GRIDS = ROOT / "crates" / "jokbo-tensors" / "data" / "grids.bin"
N_BLOCKS = 512

# Type -> first bytes of its f16 scales, which are replaced by extremes in half of the blocks.
TYPES = {
    "Q1_0": [0],
    "Q4_0": [0],
    "Q4_1": [0, 2],
    "Q5_0": [0],
    "Q5_1": [0, 2],
    "Q8_0": [0],
    "Q2_K": [80, 82],
    "Q3_K": [108],
    "Q4_K": [0, 2],
    "Q5_K": [0, 2],
    "Q6_K": [208],
    "Q8_K": [],
    "IQ1_S": [0],
    "IQ1_M": [],
    "IQ2_XXS": [0],
    "IQ2_XS": [0],
    "IQ2_S": [0],
    "IQ3_XXS": [0],
    "IQ3_S": [0],
    "IQ4_NL": [0],
    "IQ4_XS": [0],
    "TQ1_0": [52],
    "TQ2_0": [64],
    "MXFP4": [],
    "NVFP4": [],
}
# Zero, smallest subnormal, largest subnormal, smallest normal, one, largest, infinity, NaN.
EXTREMES = [0x0000, 0x0001, 0x03FF, 0x0400, 0x3C00, 0x7BFF, 0x7C00, 0x7E00]


def fnv(data):
    """FNV-1a of 64 bits."""
    state = 0xCBF29CE484222325
    for byte in data:
        state = (state ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return state


def blocks(name, size, scales):
    """N_BLOCKS blocks: bytes of SplitMix64 seeded with the name, then extremes in the odd ones."""
    state = fnv(name.encode())
    out = np.zeros((N_BLOCKS, size), dtype=np.uint8)
    for i in range(N_BLOCKS):
        for at in range(0, size, 8):
            state = (state + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
            z = state
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB & 0xFFFFFFFFFFFFFFFF
            z ^= z >> 31
            part = z.to_bytes(8, "little")[: size - at]
            out[i, at : at + len(part)] = np.frombuffer(part, dtype=np.uint8)
        if i % 2 == 1:
            for k, at in enumerate(scales):
                step = i // 2 + k * (i // 32)
                code = EXTREMES[step % 8] | (0x8000 if step % 16 >= 8 else 0)
                out[i, at : at + 2] = np.frombuffer(code.to_bytes(2, "little"), dtype=np.uint8)
    return out


def values(name, data):
    """What the blocks stand for, [N_BLOCKS, elements of a block]."""
    if name == "Q8_K":
        d = data[:, :4].copy().view("<f4")
        return d * data[:, 4:260].view(np.int8).astype(np.float32)
    if name == "Q1_0":
        d = data[:, :2].copy().view("<f2").astype(np.float32)
        return np.where(np.unpackbits(data[:, 2:], axis=1, bitorder="little") == 1, d, -d)
    return quants.dequantize(data, GGMLQuantizationType[name])


def row(name):
    kind = GGMLQuantizationType[name]
    data = blocks(name, GGML_QUANT_SIZES[kind][1], TYPES[name])
    with np.errstate(all="ignore"):
        found = np.ascontiguousarray(values(name, data), dtype="<f4")
    bits = found.view("<u4").copy()
    bits[np.isnan(found)] = 0x7FC00000
    raw = bits.tobytes()
    first = " ".join(f"{b:08x}" for b in bits[0, :8])
    sha = hashlib.sha256(raw).hexdigest()
    return f"{name}\t{fnv(raw):016x}\t{sha}\t{data[0].tobytes().hex()}\t{first}\n"


def grid(quant):
    quant.init_grid()
    values = quant.grid.reshape(quant.grid_shape)
    assert (values == values.astype(np.int8)).all()
    return values.astype(np.int8).tobytes()


def make():
    head = "type\tfnv1a64\tsha256\tfirst block\tfirst values\n"
    table = head + "".join(row(name) for name in TYPES)
    grids = [quants.IQ2_XXS, quants.IQ2_XS, quants.IQ2_S]
    grids += [quants.IQ3_XXS, quants.IQ3_S, quants.IQ1_S]
    return {GOLDEN: table.encode(), GRIDS: b"".join(grid(quant) for quant in grids)}


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    wrong = []
    for path, data in make().items():
        if not sys.argv[1:]:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
        elif not path.exists() or path.read_bytes() != data:
            wrong.append(str(path.relative_to(ROOT)))
    if wrong:
        sys.exit("differ: " + ", ".join(wrong))


if __name__ == "__main__":
    main()
