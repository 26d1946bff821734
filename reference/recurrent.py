# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "onnx==1.23.2", "torch==2.9.1"]
# ///
"""Golden files for recurrent layers, which ONNX and PyTorch keep in other orders.

For every layer, PyTorch draws weights and writes the ONNX file itself; beside it stand the same
weights as PyTorch calls and orders them. Nothing here knows the orders of the gates.

Writes into data/golden/recurrent, for each of gru, lstm and rnn:

    KIND.onnx           a layer of two directions, and one above it
    KIND.tsv            name, shape, and the float32 little-endian bytes in hexadecimal

Usage: recurrent.py [--check]    --check compares with the committed files and writes nothing. The
program that wrote an ONNX file, its version and its names for what flows between nodes are not
compared: of that file the initialisers are.
"""

import io
import sys
import warnings
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper

GOLDEN = Path(__file__).resolve().parent.parent / "data" / "golden" / "recurrent"
LAYERS = {"gru": torch.nn.GRU, "lstm": torch.nn.LSTM, "rnn": torch.nn.RNN}


def exported(kind: str) -> tuple[bytes, str]:
    torch.manual_seed(7)
    layer = LAYERS[kind](3, 2, num_layers=2, bidirectional=True).eval()
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(layer, (torch.zeros(4, 1, 3),), file, dynamo=False)
    rows = [
        f"{name}\t{'x'.join(map(str, value.shape))}\t{value.numpy().astype('<f4').tobytes().hex()}\n"
        for name, value in layer.state_dict().items()
    ]
    return file.getvalue(), "".join(rows)


def initialisers(model: bytes) -> list[tuple[tuple[int, ...], bytes]]:
    graph = onnx.load_from_string(model).graph
    arrays = [numpy_helper.to_array(tensor) for tensor in graph.initializer]
    return [(array.shape, array.tobytes()) for array in arrays]


def main() -> None:
    check = sys.argv[1:] == ["--check"]
    wrong = []
    for kind in LAYERS:
        model, table = exported(kind)
        onnx_file, tsv_file = GOLDEN / f"{kind}.onnx", GOLDEN / f"{kind}.tsv"
        if check:
            if initialisers(onnx_file.read_bytes()) != initialisers(model):
                wrong.append(onnx_file.name)
            if tsv_file.read_text() != table:
                wrong.append(tsv_file.name)
            continue
        GOLDEN.mkdir(parents=True, exist_ok=True)
        onnx_file.write_bytes(model)
        tsv_file.write_text(table)
    if wrong:
        sys.exit(f"other than the committed files: {', '.join(wrong)}")


if __name__ == "__main__":
    main()
