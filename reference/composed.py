# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6"]
# ///
"""Golden files and numbers for weights whose values lie in several stored tensors.

For every scheme, codes, zero points and scales are drawn at random, the values that they stand
for are computed from them by the scheme's definition, and only then are the codes packed as the
scheme packs them. Nothing here unpacks, so a mistake in packing cannot hide one in unpacking.

Writes into data/golden:

    composed/CASE.safetensors   one small checkpoint for each case
    composed/llama/KIND/        a small language model as it is and quantised to nearest, each with
                                its config.json
    composed.tsv                case, config.json (or -), weight, its shape, FNV-1a 64 of the f32
                                little-endian bytes of all values in order, every NaN written as
                                7fc00000, and the bits of the first four values

Usage: composed.py [--check]    --check compares with the committed files and writes nothing.

Definitions. GPTQ: Frantar et al., ICLR 2023, and the linear layers of AutoGPTQ. AWQ: Lin et al.,
MLSys 2024, the gemm layout. bitsandbytes 0.50.2: `_dequantize_4bit_compute`,
`int8_vectorwise_dequant` and `QuantState.as_dict`. compressed-tensors 0.20.0: `pack_to_int32`,
`unpack_fp4_from_uint8`. FP8 by blocks: the DeepSeek-V3 report, arXiv:2412.19437, section 3.3.
MXFP4, E2M1 and E8M0: OCP Microscaling Formats (MX) Specification, version 1.0. Every product,
quotient and sum is one operation in f32.
"""

import json
import sys
from pathlib import Path

import numpy as np

GOLDEN = Path(__file__).resolve().parent.parent / "data" / "golden"
RNG = np.random.Generator(np.random.PCG64(20_250_607))
F = np.float32
E2M1 = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.0, -0.5, -1, -1.5, -2, -3, -4, -6], F)


# Types that NumPy lacks, as codes: (name in the header, codes, values).


def e4m3_values():
    """The f32 value of every code of F8_E4M3."""
    values = []
    for code in range(256):
        sign, exponent, fraction = code >> 7, code >> 3 & 15, code & 7
        size = fraction / 8 * 2.0**-6 if exponent == 0 else (1 + fraction / 8) * 2.0 ** (exponent - 7)
        if exponent == 15 and fraction == 7:
            size = np.nan
        values.append(-size if sign else size)
    return np.array(values, F)


def e5m2_values():
    """The f32 value of every code of F8_E5M2."""
    values = []
    for code in range(256):
        sign, exponent, fraction = code >> 7, code >> 2 & 31, code & 3
        if exponent == 31:
            size = np.nan if fraction else np.inf
        elif exponent == 0:
            size = fraction / 4 * 2.0**-14
        else:
            size = (1 + fraction / 4) * 2.0 ** (exponent - 15)
        values.append(-size if sign else size)
    return np.array(values, F)


E4M3, E5M2 = e4m3_values(), e5m2_values()


def bf16(shape):
    """Random positive BF16 scales: the stored bits and the values."""
    bits = RNG.uniform(0.001, 0.02, shape).astype(F).view(np.uint32) >> 16
    return bits.astype(np.uint16), (bits << 16).astype(np.uint32).view(F)


NAMES = {
    np.dtype(np.float32): "F32",
    np.dtype(np.float16): "F16",
    np.dtype(np.int8): "I8",
    np.dtype(np.uint8): "U8",
    np.dtype(np.int32): "I32",
    np.dtype(np.int64): "I64",
}


def safetensors(tensors):
    """The bytes of a file of `tensors`: name -> array, or (type, array of its codes)."""
    header, body = {}, b""
    for name, tensor in tensors.items():
        dtype, array = tensor if isinstance(tensor, tuple) else (NAMES[tensor.dtype], tensor)
        data = np.ascontiguousarray(array).tobytes()
        header[name] = {
            "dtype": dtype,
            "shape": list(array.shape),
            "data_offsets": [len(body), len(body) + len(data)],
        }
        body += data
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + body


def stream(codes, bits):
    """Codes of each row as words of 32 bits, the lowest bits first, across words."""
    rows = []
    for row in codes:
        number = sum(int(code) << (k * bits) for k, code in enumerate(row))
        n_words = -(-len(row) * bits // 32)
        rows.append([number >> (32 * k) & 0xFFFFFFFF for k in range(n_words)])
    return np.array(rows, np.uint32).view(np.int32)


def halves(codes, first_is_low=True):
    """Codes of 4 bits, two to a byte, in their flat order."""
    flat = np.append(codes.ravel(), 0) if codes.size % 2 else codes.ravel()
    a, b = (flat[0::2], flat[1::2]) if first_is_low else (flat[1::2], flat[0::2])
    return (a | b << 4).astype(np.uint8)


def awq_words(codes):
    """Codes of 4 bits along the rows in the order of AWQ."""
    rows, cols = codes.shape
    words = np.zeros((rows, cols // 8), np.uint32)
    for slot, column in enumerate([0, 2, 4, 6, 1, 3, 5, 7]):
        words |= codes[:, column::8].astype(np.uint32) << np.uint32(4 * slot)
    return words.view(np.int32)


def f16(shape):
    return RNG.uniform(0.001, 0.02, shape).astype(np.float16)


# The cases: each gives the configuration, the tensors, and the weight with its values.


def gptq(bits, act_order=False, version=1):
    out, inputs, group = 32, 96, 32
    groups = inputs // group
    codes = RNG.integers(0, 1 << bits, (out, inputs))
    zeros = RNG.integers(1, 1 << bits, (groups, out))
    scales = f16((groups, out))
    index = np.arange(inputs) // group
    if act_order:
        index = RNG.permutation(index)
    values = (codes - zeros[index].T).astype(F) * scales.astype(F)[index].T
    stored_zeros = zeros - 1 if version == 1 else zeros
    config = {"quant_method": "gptq", "bits": bits, "group_size": group, "desc_act": act_order}
    if version == 2:
        config["checkpoint_format"] = "gptq_v2"
    tensors = {
        "model.layers.0.mlp.up_proj.qweight": stream(codes, bits).T,
        "model.layers.0.mlp.up_proj.qzeros": stream(stored_zeros, bits),
        "model.layers.0.mlp.up_proj.scales": scales,
        "model.layers.0.mlp.up_proj.g_idx": index.astype(np.int32),
    }
    return config, tensors, "model.layers.0.mlp.up_proj.weight", values


def awq():
    out, inputs, group = 40, 64, 16
    groups = inputs // group
    codes = RNG.integers(0, 16, (inputs, out))
    zeros = RNG.integers(0, 16, (groups, out))
    scales = f16((groups, out))
    index = np.arange(inputs) // group
    values = ((codes - zeros[index]).astype(F) * scales.astype(F)[index]).T
    config = {"quant_method": "awq", "bits": 4, "group_size": group, "version": "gemm"}
    tensors = {
        "a.qweight": awq_words(codes),
        "a.qzeros": awq_words(zeros),
        "a.scales": scales,
    }
    return config, tensors, "a.weight", values


def bnb_int8():
    codes = RNG.integers(-127, 128, (12, 20)).astype(np.int8)
    scb = RNG.uniform(0.05, 2, 12).astype(F)
    values = codes.astype(F) * scb[:, None] * F(7.874015718698502e-3)
    tensors = {"a.weight": codes, "a.SCB": scb, "a.weight_format": np.array(0, np.uint8)}
    return {"quant_method": "bitsandbytes"}, tensors, "a.weight", values


def bnb_four(kind, nested):
    shape, blocksize = (9, 71), 64
    n = shape[0] * shape[1]
    blocks = -(-n // blocksize)
    codes = RNG.integers(0, 16, n)
    levels = np.sort(RNG.uniform(-1, 1, 16)).astype(F)
    state = {"quant_type": kind, "blocksize": blocksize, "dtype": "bfloat16", "shape": list(shape)}
    tensors = {"a.weight": halves(codes, first_is_low=False)[:, None]}
    if nested:
        inner = 4
        table = np.sort(RNG.uniform(-1, 1, 256)).astype(F)
        of_scales = RNG.integers(0, 256, blocks)
        outer = RNG.uniform(0.01, 0.1, -(-blocks // inner)).astype(F)
        offset = F(0.123456789)
        absmax = table[of_scales] * outer[np.arange(blocks) // inner] + offset
        state |= {"nested_blocksize": inner, "nested_dtype": "float32"}
        state["nested_offset"] = float(offset)
        tensors |= {
            "a.weight.absmax": of_scales.astype(np.uint8),
            "a.weight.nested_absmax": outer,
            "a.weight.nested_quant_map": table,
        }
    else:
        absmax = RNG.uniform(0.05, 2, blocks).astype(F)
        tensors["a.weight.absmax"] = absmax
    tensors["a.weight.quant_map"] = levels
    text = np.frombuffer(json.dumps(state).encode(), np.uint8)
    tensors[f"a.weight.quant_state.bitsandbytes__{kind}"] = text
    values = (levels[codes] * absmax[np.arange(n) // blocksize]).reshape(shape)
    return {"quant_method": "bitsandbytes"}, tensors, "a.weight", values


def fp8_blocks():
    rows, cols = 130, 150
    codes = RNG.integers(0, 256, (rows, cols)).astype(np.uint8)
    scales = RNG.uniform(0.001, 0.02, (2, 2)).astype(F)
    spread = scales[np.arange(rows)[:, None] // 128, np.arange(cols)[None] // 128]
    config = {"quant_method": "fp8", "weight_block_size": [128, 128]}
    tensors = {"a.weight": ("F8_E4M3", codes), "a.weight_scale_inv": scales}
    return config, tensors, "a.weight", E4M3[codes] * spread


def fp8_channels():
    codes = RNG.integers(0, 256, (6, 40)).astype(np.uint8)
    bits, scales = bf16((6, 1))
    tensors = {"a.weight": ("F8_E4M3", codes), "a.weight_scale": ("BF16", bits)}
    config = {"quant_method": "compressed-tensors", "format": "float-quantized"}
    return config, tensors, "a.weight", E4M3[codes] * scales


def fp8_whole():
    codes = RNG.integers(0, 256, (5, 33)).astype(np.uint8)
    scale = np.array(0.0123, F)
    tensors = {"a.weight": ("F8_E5M2", codes), "a.weight_scale": scale}
    return None, tensors, "a.weight", E5M2[codes] * scale


def plain_int8():
    codes = RNG.integers(-127, 128, (7, 1, 5)).astype(np.int8)
    scale = RNG.uniform(0.001, 0.02, (7, 1, 1)).astype(F)
    tensors = {"a.weight.qweight": codes, "a.weight.scale": scale}
    return None, tensors, "a.weight", codes.astype(F) * scale


def int_quantized():
    codes = RNG.integers(-128, 128, (8, 64)).astype(np.int8)
    zeros = RNG.integers(-128, 128, (8, 2)).astype(np.int8)
    scale = f16((8, 2))
    columns = np.arange(64) // 32
    steps = codes.astype(np.int32) - zeros.astype(np.int32)[:, columns]
    tensors = {"a.weight": codes, "a.weight_scale": scale, "a.weight_zero_point": zeros}
    config = {"quant_method": "compressed-tensors", "format": "int-quantized"}
    return config, tensors, "a.weight", steps.astype(F) * scale.astype(F)[:, columns]


def pack_quantized(bits, symmetric, act_order=False):
    rows, cols, group = 36, 96, 32
    groups = cols // group
    middle = 1 << (bits - 1)
    codes = RNG.integers(-middle, middle, (rows, cols))
    zeros = np.zeros((rows, groups), int) if symmetric else RNG.integers(-middle, middle, (rows, groups))
    scale = f16((rows, groups))
    index = np.arange(cols) // group
    tensors = {
        "a.weight_packed": stream(codes + middle, bits),
        "a.weight_scale": scale,
        "a.weight_shape": np.array([rows, cols], np.int64),
    }
    if not symmetric:
        tensors["a.weight_zero_point"] = stream((zeros + middle).T, bits).T
    if act_order:
        index = RNG.permutation(index)
        tensors["a.weight_g_idx"] = index.astype(np.int32)
    values = (codes - zeros[:, index]).astype(F) * scale.astype(F)[:, index]
    config = {"quant_method": "compressed-tensors", "format": "pack-quantized"}
    return config, tensors, "a.weight", values


def nvfp4(modelopt):
    rows, cols = 6, 64
    codes = RNG.integers(0, 16, (rows, cols))
    scale_codes = RNG.integers(1, 0x7F, (rows, cols // 16)).astype(np.uint8)
    outer = F(0.0371) if modelopt else F(317.5)
    scales = E4M3[scale_codes] * outer if modelopt else E4M3[scale_codes] / outer
    packed = halves(codes).reshape(rows, cols // 2)
    names = ["a.weight", "a.weight_scale_2"] if modelopt else ["a.weight_packed", "a.weight_global_scale"]
    tensors = {
        names[0]: packed,
        "a.weight_scale": ("F8_E4M3", scale_codes),
        names[1]: np.array(outer) if modelopt else np.array([outer]),
    }
    return None, tensors, "a.weight", E2M1[codes] * scales[:, np.arange(cols) // 16]


def mxfp4_packed():
    rows, cols = 5, 96
    codes = RNG.integers(0, 16, (rows, cols))
    powers = np.array([[0, 1, 254], [120, 127, 130], [100, 2, 255], [118, 119, 121], [126, 128, 3]])
    with np.errstate(all="ignore"):
        scales = np.where(powers == 255, np.nan, 2.0 ** (powers - 127.0)).astype(F)
        values = E2M1[codes] * scales[:, np.arange(cols) // 32]
    tensors = {
        "a.weight_packed": halves(codes).reshape(rows, cols // 2),
        "a.weight_scale": powers.astype(np.uint8),
    }
    return None, tensors, "a.weight", values


def mxfp4_blocks():
    experts, rows, groups = 3, 10, 2
    codes = RNG.integers(0, 16, (experts, rows, groups, 32))
    powers = RNG.integers(110, 130, (experts, rows, groups))
    values = E2M1[codes] * (2.0 ** (powers - 127.0)).astype(F)[..., None]
    values = values.reshape(experts, rows, groups * 32).transpose(0, 2, 1)
    tensors = {
        "model.layers.0.mlp.experts.down_proj_blocks": halves(codes).reshape(experts, rows, groups, 16),
        "model.layers.0.mlp.experts.down_proj_scales": powers.astype(np.uint8),
    }
    return {"quant_method": "mxfp4"}, tensors, "model.layers.0.mlp.experts.down_proj", values


CASES = {
    "gptq2": lambda: gptq(2),
    "gptq3": lambda: gptq(3),
    "gptq4": lambda: gptq(4),
    "gptq8": lambda: gptq(8),
    "gptq3-act-order": lambda: gptq(3, act_order=True),
    "gptq4-act-order": lambda: gptq(4, act_order=True),
    "gptq4-v2": lambda: gptq(4, version=2),
    "awq": awq,
    "bnb-int8": bnb_int8,
    "bnb-nf4": lambda: bnb_four("nf4", False),
    "bnb-fp4-nested": lambda: bnb_four("fp4", True),
    "fp8-blocks": fp8_blocks,
    "fp8-channels": fp8_channels,
    "fp8-whole": fp8_whole,
    "plain-int8": plain_int8,
    "int-quantized": int_quantized,
    "pack-int4": lambda: pack_quantized(4, True),
    "pack-int4-zero": lambda: pack_quantized(4, False),
    "pack-int8-zero": lambda: pack_quantized(8, False),
    "pack-int3-act-order": lambda: pack_quantized(3, False, act_order=True),
    "nvfp4": lambda: nvfp4(False),
    "nvfp4-modelopt": lambda: nvfp4(True),
    "mxfp4-packed": mxfp4_packed,
    "mxfp4-blocks": mxfp4_blocks,
}


def llama():
    """The float weights of a small language model: name -> [out, in]."""
    width, hidden = 32, 64
    weights = {"model.embed_tokens.weight": (50, width), "lm_head.weight": (50, width)}
    for layer in range(2):
        for part in ["q_proj", "k_proj", "v_proj", "o_proj"]:
            weights[f"model.layers.{layer}.self_attn.{part}.weight"] = (width, width)
        for part, shape in [
            ("gate_proj", (hidden, width)),
            ("up_proj", (hidden, width)),
            ("down_proj", (width, hidden)),
        ]:
            weights[f"model.layers.{layer}.mlp.{part}.weight"] = shape
    rng = np.random.Generator(np.random.PCG64(5))
    return {name: (0.02 * rng.standard_normal(shape)).astype(F) for name, shape in weights.items()}


def to_gptq(stem, weight):
    """4 bits to nearest, a scale and the zero point 8 for every 16 inputs."""
    out, inputs = weight.shape
    index = np.arange(inputs) // 16
    scales = (np.abs(weight.reshape(out, -1, 16)).max(2).T / 7).astype(np.float16)
    codes = np.clip(np.rint(weight / scales.astype(F)[index].T) + 8, 0, 15).astype(int)
    return {
        f"{stem}.qweight": stream(codes, 4).T,
        f"{stem}.qzeros": stream(np.full(scales.shape, 7), 4),
        f"{stem}.scales": scales,
        f"{stem}.g_idx": index.astype(np.int32),
    }


def to_awq(stem, weight):
    out, inputs = weight.shape
    index = np.arange(inputs) // 16
    scales = (np.abs(weight.reshape(out, -1, 16)).max(2).T / 7).astype(np.float16)
    codes = np.clip(np.rint(weight.T / scales.astype(F)[index]) + 8, 0, 15).astype(int)
    return {
        f"{stem}.qweight": awq_words(codes),
        f"{stem}.qzeros": awq_words(np.full(scales.shape, 8)),
        f"{stem}.scales": scales,
    }


def to_fp8(stem, weight):
    finite = np.where(np.isnan(E4M3), np.inf, E4M3)
    scale = F(np.abs(weight).max() / 448)
    codes = np.abs(weight[..., None] / scale - finite).argmin(-1).astype(np.uint8)
    return {f"{stem}.weight": ("F8_E4M3", codes), f"{stem}.weight_scale_inv": np.array([[scale]])}


def relatives():
    """The model in every kind, by path below `data/golden`."""
    weights, made = llama(), {}
    kinds = {
        "float": (None, None),
        "gptq": (to_gptq, {"quant_method": "gptq", "bits": 4, "group_size": 16}),
        "awq": (to_awq, {"quant_method": "awq", "bits": 4, "group_size": 16, "version": "gemm"}),
        "fp8": (to_fp8, {"quant_method": "fp8", "weight_block_size": [128, 128]}),
    }
    for kind, (change, said) in kinds.items():
        tensors = {}
        for name, weight in weights.items():
            inside = change is not None and "layers" in name
            tensors |= change(name.removesuffix(".weight"), weight) if inside else {name: weight}
        config = {"model_type": "llama"} | ({"quantization_config": said} if said else {})
        made[f"composed/llama/{kind}/model.safetensors"] = safetensors(tensors)
        made[f"composed/llama/{kind}/config.json"] = (json.dumps(config) + "\n").encode()
    return made


def fnv1a64(data):
    state = 0xCBF29CE484222325
    for byte in data:
        state = (state ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return state


def files():
    """Every golden file by its path below `data/golden`."""
    made, lines = relatives(), ["case\tconfig\tweight\tshape\tfnv1a64\tfirst"]
    for case, make in CASES.items():
        config, tensors, weight, values = make()
        assert values.dtype == F, case
        made[f"composed/{case}.safetensors"] = safetensors(tensors)
        bits = np.ascontiguousarray(values).view(np.uint32).copy()
        bits[np.isnan(values)] = 0x7FC00000
        shape = ",".join(str(axis) for axis in values.shape)
        first = " ".join(f"{b:08x}" for b in bits.ravel()[:4])
        said = "-" if config is None else json.dumps({"quantization_config": config})
        digest = fnv1a64(bits.astype("<u4").tobytes())
        lines.append(f"{case}\t{said}\t{weight}\t{shape}\t{digest:016x}\t{first}")
    made["composed.tsv"] = ("\n".join(lines) + "\n").encode()
    return made


def write_or_check(made, arguments, usage):
    """Writes the files, or with `--check` compares them with the committed ones."""
    check = arguments == ["--check"]
    if arguments and not check:
        sys.exit(usage)
    differs = []
    for path, data in made.items():
        file = GOLDEN / path
        if check:
            if not file.exists() or file.read_bytes() != data:
                differs.append(path)
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
    if differs:
        sys.exit("differ: " + ", ".join(differs))


if __name__ == "__main__":
    write_or_check(files(), sys.argv[1:], __doc__)
