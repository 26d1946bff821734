# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "onnx==1.23.2", "ml_dtypes==0.6.0", "blake3==1.0.11"]
# ///
"""Are NumPy's and ONNX's files read as the packages `numpy` and `onnx` read them?

    python reference/onnx_files.py --check JOKBO            # writes files with both, compares
    python reference/onnx_files.py --check JOKBO FILE...    # and these .onnx and .npy files

1. Arrays of every type, order and byte order, alone and in archives, stored and deflated, and in a
   pickled dictionary: name, type, shape and bytes must be those that NumPy gives.
2. ONNX models whose numbers are raw, in the fields of each type, and in a data file: the same, with
   `onnx.numpy_helper`. Of FILEs every tensor that is listed is held to it.
3. Weights of 8 bits with scale and zero point, in the forms that the graph may give them: what NumPy
   makes of them is written as safetensors, and `jokbo compare` must call the two identical, which
   means that every value has the same bits.

The bytes are random, so that NaNs with payloads occur. Nothing is kept.
"""

import itertools
import json
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import ml_dtypes
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from inspected import Differs, hold, inspect, said

TYPES = {
    "f8": "F64", "f4": "F32", "f2": "F16", "i8": "I64", "i4": "I32", "i2": "I16", "i1": "I8",
    "u8": "U64", "u4": "U32", "u2": "U16", "u1": "U8", "b1": "BOOL",
}  # fmt: skip
SHAPES = [(), (0,), (20,), (2, 3), (3, 0, 2), (1, 4, 1), (2, 3, 4, 5), (7, 1, 6)]
ELEMENTS = {
    TensorProto.FLOAT: "F32", TensorProto.DOUBLE: "F64", TensorProto.FLOAT16: "F16",
    TensorProto.BFLOAT16: "BF16", TensorProto.FLOAT8E4M3FN: "F8_E4M3",
    TensorProto.FLOAT8E5M2: "F8_E5M2", TensorProto.INT64: "I64", TensorProto.INT32: "I32",
    TensorProto.INT16: "I16", TensorProto.INT8: "I8", TensorProto.UINT64: "U64",
    TensorProto.UINT32: "U32", TensorProto.UINT16: "U16", TensorProto.UINT8: "U8",
    TensorProto.BOOL: "BOOL",
}  # fmt: skip
RANDOM = np.random.default_rng(11)


def random(dtype, shape):
    """An array of random bits."""
    dtype, n = np.dtype(dtype), int(np.prod(shape))
    if dtype == np.bool_:
        return RANDOM.integers(0, 2, shape).astype(bool)
    bits = RANDOM.integers(0, 256, n * dtype.itemsize, dtype=np.uint8)
    return bits.view(dtype).reshape(shape)


def arrays():
    """Arrays by name, and what is to be said of each."""
    for (letter, name), order, shape in itertools.product(TYPES.items(), "<>", SHAPES):
        array = random(order + letter, shape)
        for form, made in ("C", array), ("F", np.asfortranarray(array)):
            # A digest is of the bytes as they are stored, in the order of the shape.
            want = said(name, made.shape, made.tobytes(order="C"))
            label = "".join({"<": "l", ">": "b"}[order]) + letter + form
            yield f"{label}.{'x'.join(map(str, shape))}", made, want


def check_numpy(jokbo, folder):
    all_arrays = list(arrays())
    checked = 0
    for form in np.savez, np.savez_compressed:
        form(folder / "m.npz", **{name: array for name, array, _ in all_arrays})
        checked += hold(jokbo, folder / "m.npz", {name: want for name, _, want in all_arrays})
    for version, (name, array, want) in zip(itertools.cycle([(1, 0), (2, 0), (3, 0)]), all_arrays):
        path = folder / f"{name}.npy"
        with path.open("wb") as file:
            np.lib.format.write_array(file, array, version=version)
        checked += hold(jokbo, path, {name: want})
        path.unlink()
    # NumPy pickles an array without axes by itself, and one that is no array in memory of its own.
    tree = {"a": [array for _, array, _ in all_arrays[:40]], "b": {"c": all_arrays[50][1]}}
    want = {f"a.{i}": said_of for i, (_, _, said_of) in enumerate(all_arrays[:40])}
    want["b.c"] = all_arrays[50][2]
    np.save(folder / "tree.npy", tree, allow_pickle=True)
    checked += hold(jokbo, folder / "tree.npy", want)
    return checked


def model(tensors, nodes=()):
    graph = helper.make_graph(list(nodes), "g", [], [], initializer=list(tensors))
    return helper.make_model(graph)


def listed(tensor):
    """Whether a tensor is one that is listed: no scalar, and not a few whole numbers."""
    float_kind = "F" in ELEMENTS.get(tensor.data_type, "")
    return len(tensor.dims) > 0 and (float_kind or int(np.prod(tensor.dims)) > 16)


def said_of(tensor, base=""):
    array = numpy_helper.to_array(tensor, base_dir=base)
    return said(ELEMENTS[tensor.data_type], tensor.dims, np.ascontiguousarray(array).tobytes())


def check_onnx(jokbo, folder):
    checked = 0
    for raw in False, True:
        tensors = []
        for (element, name), shape in itertools.product(ELEMENTS.items(), SHAPES):
            dtype = helper.tensor_dtype_to_np_dtype(element)
            array = random(dtype, shape)
            label = f"{name}.{'x'.join(map(str, shape))}"
            if raw:
                data = array.tobytes()
                tensors.append(helper.make_tensor(label, element, shape, data, raw=True))
            elif element not in (TensorProto.FLOAT8E4M3FN, TensorProto.FLOAT8E5M2):
                # Their typed form goes through Python's float, which cannot carry every NaN.
                array = np.nan_to_num(array.astype(dtype)) if array.dtype.kind in "f" else array
                if element == TensorProto.BFLOAT16:
                    array = RANDOM.normal(size=shape).astype(ml_dtypes.bfloat16)
                tensors.append(helper.make_tensor(label, element, shape, array.flatten().tolist()))
        path = folder / "m.onnx"
        onnx.save(model(tensors), path)
        want = {tensor.name: said_of(tensor) for tensor in tensors if listed(tensor)}
        checked += hold(jokbo, path, want)
        if raw:
            big = folder / "external"
            big.mkdir()
            onnx.save(
                model(tensors), big / "m.onnx", save_as_external_data=True,
                location="m.onnx_data", size_threshold=0, convert_attribute=True,
            )  # fmt: skip
            checked += hold(jokbo, big / "m.onnx", want)
    return checked


def safetensors(path, arrays):
    header, at, data = {}, 0, b""
    for name, array in arrays.items():
        bytes_ = np.ascontiguousarray(array, dtype="<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [at, at + len(bytes_)]}
        at, data = at + len(bytes_), data + bytes_
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def identical(jokbo, a, b):
    command = [jokbo, "compare", str(a), str(b), "--format", "json", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True)
    if not done.stdout:
        raise Differs(f"{a} against {b}: jokbo says: {done.stderr.strip()}")
    report = json.loads(done.stdout)
    said_so = {c["component"]: c["verdict"] for c in report["components"]}
    equal = [c["effect"]["equal_bits_share"] for c in report["components"]]
    if set(equal) != {1.0}:
        raise Differs(f"{a} against {b}: {said_so}, equal values {equal}")
    return len(said_so)


def check_quantised(jokbo, folder):
    """Weights whose scale lies along each axis, for each way in which a graph scales them."""
    f4, u1, i1 = np.float32, np.uint8, np.int8
    tensors, nodes, want = [], [], {}

    def store(name, array):
        tensors.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    for k, (kind, axis, op) in enumerate(
        itertools.product([u1, i1], [0, 1, None], ["dq", "cast", "integer", "linear", "gather"])
    ):
        if (op in ("integer", "linear") and axis == 0) or (op == "gather" and axis is not None):
            continue
        shape = (96, 64)
        codes = RANDOM.integers(np.iinfo(kind).min, np.iinfo(kind).max, shape, endpoint=True)
        codes = codes.astype(kind)
        n = () if axis is None else (shape[axis],)
        scale = RANDOM.uniform(0.001, 0.1, n).astype(f4)
        zero = RANDOM.integers(0, 100, n).astype(kind)
        name = f"layers.{k}.weight"
        q = store(f"{name}_quantized", codes)
        along = [1, 1]
        if axis is not None:
            along[axis] = shape[axis]
        if op == "cast":
            s = store(f"{name}_s", scale.reshape(along))
            nodes.append(helper.make_node("Cast", [q], [f"c{k}"], to=1))
            nodes.append(helper.make_node("Mul", [f"c{k}", s], [f"y{k}"]))
            want[name] = codes.astype(f4) * scale.reshape(along)
            continue
        s, z = store(f"{name}_s", scale), store(f"{name}_z", zero)
        if op == "dq":
            axes = {} if axis is None else {"axis": axis}
            nodes.append(helper.make_node("DequantizeLinear", [q, s, z], [f"y{k}"], **axes))
        elif op == "gather":
            nodes.append(helper.make_node("Gather", [q, "ids"], [f"g{k}"]))
            nodes.append(helper.make_node("DequantizeLinear", [f"g{k}", s, z], [f"y{k}"]))
        elif op == "linear":
            inputs = ["x", "xs", "xz", q, s, z, "ys", "yz"]
            nodes.append(helper.make_node("QLinearMatMul", inputs, [f"y{k}"]))
        else:
            nodes.append(helper.make_node("MatMulInteger", ["x", q, "xz", z], [f"a{k}"]))
            nodes.append(helper.make_node("Cast", [f"a{k}"], [f"b{k}"], to=1))
            nodes.append(helper.make_node("Mul", ["xs", s], [f"c{k}"]))
            nodes.append(helper.make_node("Mul", [f"b{k}", f"c{k}"], [f"y{k}"]))
        level = codes.astype(np.int32) - zero.reshape(along).astype(np.int32)
        want[name] = level.astype(f4) * scale.reshape(along)
    onnx.save(model(tensors, nodes), folder / "q.onnx")
    safetensors(folder / "q.safetensors", want)
    stored = {tensor["name"] for tensor in inspect(jokbo, folder / "q.onnx")["tensors"]}
    if stored != set(want):
        raise Differs(f"weights: {sorted(stored ^ set(want))}")
    identical(jokbo, folder / "q.onnx", folder / "q.safetensors")
    return len(want)


def graphs(graph):
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            for inner in [attribute.g] if attribute.HasField("g") else attribute.graphs:
                yield from graphs(inner)


def check_file(jokbo, path, folder):
    """Holds what is listed of a real file to what the package makes of it."""
    if path.suffix == ".npy":
        tree = np.load(path, allow_pickle=True, encoding="latin1").item()
        want = {
            f"{key}.{i}": said(TYPES[array.dtype.str[1:]], array.shape, array.tobytes(order="C"))
            for key, arrays in tree.items()
            for i, array in enumerate(arrays)
        }
        return hold(jokbo, path, want)
    stored = {}
    for graph in graphs(onnx.load(path).graph):
        stored |= {tensor.name: tensor for tensor in graph.initializer}
        for node in graph.node:
            if node.op_type == "Constant" and node.attribute[0].HasField("t"):
                stored[node.output[0]] = node.attribute[0].t
    report = inspect(jokbo, path)
    ours = {t["name"]: t for t in report["tensors"]}
    composed = {name for name, t in ours.items() if t["dtype"].endswith("_SCALED")}
    for name, t in ours.items():
        if name in composed:
            continue
        want = said_of(stored[name])
        if any(t[key] != want[key] for key in want):
            raise Differs(f"{path}: {name}: we say {t}, they say {want}")
    parts = {part for name in composed for part in (f"{name}_q", f"{name}_scale")}
    missing = {n for n, t in stored.items() if listed(t)} - ours.keys() - parts
    if missing:
        raise Differs(f"{path}: not listed: {sorted(missing)}")
    if composed:
        # This one file's weights are codes of 8 bits times a scale of a shape of its own.
        made = {
            name: numpy_helper.to_array(stored[f"{name}_q"]).astype(np.float32)
            * numpy_helper.to_array(stored[f"{name}_scale"])
            for name in composed
        }
        rest = {
            name: numpy_helper.to_array(stored[name])
            for name, t in ours.items()
            if name not in composed and t["dtype"] == "F32"
        }
        safetensors(folder / "made.safetensors", made | rest)
        identical(jokbo, path, folder / "made.safetensors")
    return len(ours)


def main():
    if len(sys.argv) < 3 or sys.argv[1] != "--check":
        sys.exit(__doc__)
    jokbo, *files = sys.argv[2:]
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            print(f"{check_numpy(jokbo, folder)} arrays of NumPy agree")
            print(f"{check_onnx(jokbo, folder)} tensors of ONNX agree")
            print(f"{check_quantised(jokbo, folder)} quantised weights of ONNX agree in every value")
            for file in map(Path, files):
                print(f"{check_file(jokbo, file, folder)} tensors of {file.name} agree")
    except Differs as difference:
        sys.exit(str(difference))


if __name__ == "__main__":
    main()
