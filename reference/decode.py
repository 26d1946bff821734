# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6"]
# ///
"""Golden numbers for the decoding of short floating-point types.

Every code of F16, BF16, F8_E4M3 and F8_E5M2 is turned into its value by the formula of its
format, in exact rational arithmetic, and that value into the bits of an f32 by integer
arithmetic alone. No library converts anything; NumPy only cross-checks F16.

Writes two tables into data/golden:

    decode_f8.tsv         code, then the f32 bits of F8_E4M3 and F8_E5M2, hexadecimal
    decode_checksums.tsv  type, then FNV-1a 64 and SHA-256 of the f32 little-endian bytes of
                          all codes in order, every NaN written as 7fc00000

Usage: decode.py [--check]    --check compares with the committed tables and writes nothing.

Formats: IEEE 754-2019 section 3.4 (F16); the upper half of an f32 (BF16); Micikevicius et al.,
FP8 Formats for Deep Learning, arXiv:2209.05433, table 1 (F8_E5M2 is IEEE-like; F8_E4M3 has no
infinities, and S.1111.111 is its only NaN).
"""

import hashlib
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np

GOLDEN = Path(__file__).resolve().parent.parent / "data" / "golden"
NAN = 0x7FC00000

# Type -> (exponent bits, stored fraction bits, whether the top exponent is IEEE's inf and NaN).
FORMATS = {
    "F16": (5, 10, True),
    "BF16": (8, 7, True),
    "F8_E4M3": (4, 3, False),
    "F8_E5M2": (5, 2, True),
}


def f32_bits(code, exponent_bits, fraction_bits, ieee):
    """The bits of the f32 that equals `code`, which every format here fits into exactly."""
    top = (1 << exponent_bits) - 1
    fraction = code & ((1 << fraction_bits) - 1)
    exponent = (code >> fraction_bits) & top
    sign = (code >> (fraction_bits + exponent_bits)) << 31
    if ieee and exponent == top:
        return NAN if fraction else sign | 0x7F800000
    if not ieee and exponent == top and fraction == (1 << fraction_bits) - 1:
        return NAN
    bias = (1 << (exponent_bits - 1)) - 1
    if exponent == 0:
        value = Fraction(fraction) * Fraction(2) ** (1 - bias - fraction_bits)
    else:
        value = Fraction((1 << fraction_bits) + fraction) * Fraction(2) ** (
            exponent - bias - fraction_bits
        )
    return sign | positive_f32_bits(value)


def positive_f32_bits(value):
    """The bits of the f32 equal to `value`, a rational at or above zero."""
    if value == 0:
        return 0
    exponent = value.numerator.bit_length() - value.denominator.bit_length()
    if value < Fraction(2) ** exponent:
        exponent -= 1
    exponent = max(exponent, -126)
    units = value / Fraction(2) ** (exponent - 23)
    assert units.denominator == 1 and units < 1 << 24, "not an f32"
    stored = 0 if units < 1 << 23 else exponent + 127
    return stored << 23 | (units.numerator & 0x7FFFFF)


def fnv1a64(data):
    """The 64-bit FNV-1a hash (Fowler, Noll, Vo), short enough to write again in a test."""
    state = 0xCBF29CE484222325
    for byte in data:
        state = ((state ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return state


def main():
    tables = {}
    for name, layout in FORMATS.items():
        width = 1 + layout[0] + layout[1]
        tables[name] = [f32_bits(code, *layout) for code in range(1 << width)]

    ours = np.array(tables["F16"], dtype="<u4").view("<f4")
    with np.errstate(invalid="ignore"):
        theirs = np.arange(1 << 16, dtype="<u2").view("<f2").astype("<f4")
    assert np.array_equal(ours, theirs, equal_nan=True), "F16 differs from NumPy"
    upper_half = [
        NAN if code & 0x7FFF > 0x7F80 else code << 16 for code in range(1 << 16)
    ]
    assert tables["BF16"] == upper_half, "BF16 is not the upper half of an f32"

    f8 = ["code\tF8_E4M3\tF8_E5M2"]
    for code in range(256):
        f8.append(f"{code:02x}\t{tables['F8_E4M3'][code]:08x}\t{tables['F8_E5M2'][code]:08x}")
    checksums = ["type\tfnv1a64\tsha256"]
    for name, table in tables.items():
        data = b"".join(bits.to_bytes(4, "little") for bits in table)
        checksums.append(f"{name}\t{fnv1a64(data):016x}\t{hashlib.sha256(data).hexdigest()}")

    stale = False
    for name, lines in (("decode_f8.tsv", f8), ("decode_checksums.tsv", checksums)):
        path, text = GOLDEN / name, "\n".join(lines) + "\n"
        if "--check" in sys.argv[1:]:
            same = path.is_file() and path.read_text() == text
            stale |= not same
            print(f"{name}: {'same' if same else 'DIFFERS'}")
        else:
            path.write_text(text, newline="\n")
            print(f"{name}: {len(lines) - 1} rows")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
