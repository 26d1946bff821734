"""The models of one size: made when they are not there, and dressed for tools that want more."""

import json
import pathlib
import subprocess
import sys

MAKE = pathlib.Path(__file__).resolve().parents[1] / "make_pair.py"
WORDS = 32000
TOKENIZER = {
    "version": "1.0",
    "truncation": None,
    "padding": None,
    "added_tokens": [],
    "normalizer": None,
    "pre_tokenizer": {"type": "Whitespace"},
    "post_processor": None,
    "decoder": None,
    "model": {
        "type": "WordLevel",
        "vocab": {f"t{n}": n for n in range(WORDS)},
        "unk_token": "t0",
    },
}


def models(folder: pathlib.Path, size: str, names: str) -> dict[str, pathlib.Path]:
    """The models of these names, each of half as many GiB as `size` says, made if they are not
    there yet: under another name until they are whole."""
    place = folder / size
    for name in names:
        if not (place / name / "model.safetensors").exists():
            making = folder / f"{size}-being-made"
            each = str(float(size) / 2)
            subprocess.run([sys.executable, str(MAKE), str(making), each, name], check=True)
            place.mkdir(parents=True, exist_ok=True)
            (making / name).rename(place / name)
            making.rmdir()
    return {name: place / name for name in names}


def layers(model: pathlib.Path) -> int:
    with (model / "model.safetensors").open("rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    return 1 + max(int(name.split(".")[2]) for name in header if ".layers." in name)


def dressed(model: pathlib.Path, folder: pathlib.Path) -> pathlib.Path:
    """A folder with a link to the weights beside the configuration and the tokenizer without which
    some tools do not start."""
    place = folder / model.parent.name / model.name
    place.mkdir(parents=True)
    weights = model / "model.safetensors"
    (place / weights.name).symlink_to(weights.resolve())
    configuration = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "torch_dtype": "bfloat16",
        "vocab_size": WORDS,
        "hidden_size": 2048,
        "intermediate_size": 5504,
        "num_hidden_layers": layers(model),
        "num_attention_heads": 16,
        "num_key_value_heads": 16,
        "tie_word_embeddings": False,
    }
    (place / "config.json").write_text(json.dumps(configuration))
    (place / "tokenizer.json").write_text(json.dumps(TOKENIZER))
    said = {"tokenizer_class": "PreTrainedTokenizerFast", "unk_token": "t0"}
    (place / "tokenizer_config.json").write_text(json.dumps(said))
    return place
