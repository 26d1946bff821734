"""Two published packages, called as their command lines call them, each network read once."""

import functools
import json
import pathlib
import shutil
import tempfile


def modeldna(networks: list[dict], models: pathlib.Path):
    """modeldna 0.1.0: the probability of its verdict, or none where it abstains."""
    from modeldna.compare import compare_fingerprints
    from modeldna.fingerprint.extract import extract_fingerprint
    from modeldna.io import open_source
    from modeldna.verdict import judge

    kept = {}
    for network in networks:
        path = str(models / network["name"])
        try:
            kept[network["name"]] = extract_fingerprint(open_source(path), mode="full", model_id=path)
        except Exception as error:
            print(f"modeldna cannot read {network['name']}: {type(error).__name__}: {error}")

    def compare(a, b):
        if a not in kept or b not in kept:
            return {"score": None, "related": None}
        evidence = compare_fingerprints(kept[a], kept[b])
        verdict = judge(
            [(evidence, b)],
            suspect_dtype=kept[a].arch.torch_dtype,
            candidate_dtypes={b: kept[b].arch.torch_dtype},
        )
        name = str(getattr(verdict.verdict, "value", verdict.verdict))
        if name == "INSUFFICIENT":
            return {"score": None, "related": None}
        score = verdict.best.probability if verdict.best else 0.0
        return {"score": score, "related": name not in ("NO_MATCH", "SAME_FAMILY_UNRESOLVED")}

    yield "modeldna", "modeldna 0.1.0", 1, compare


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
        "vocab": {f"t{n}": n for n in range(160)},
        "unk_token": "t0",
    },
}


def with_tokenizer(network: pathlib.Path, folder: pathlib.Path) -> str:
    """A copy with the tokenizer without which Cisco's kit does not start: numbers as words."""
    copy = folder / network.name
    shutil.copytree(network, copy)
    (copy / "tokenizer.json").write_text(json.dumps(TOKENIZER))
    said = {"tokenizer_class": "PreTrainedTokenizerFast", "unk_token": "t0"}
    (copy / "tokenizer_config.json").write_text(json.dumps(said))
    return str(copy)


def cisco(networks: list[dict], models: pathlib.Path):
    """cisco-ai-provenance-kit 1.0.0: its pipeline score, and whether it calls the pair a match."""
    from provenancekit.core.scanner import ModelProvenanceScanner
    from provenancekit.services.cache import NullCache

    scanner = ModelProvenanceScanner(cache=NullCache())
    # Every network is read once.
    scanner._extract_model = functools.cache(scanner._extract_model)
    folder = pathlib.Path(tempfile.mkdtemp())
    copies = {n["name"]: with_tokenizer(models / n["name"], folder) for n in networks}
    complaints = set()

    def compare(a, b):
        try:
            result = scanner.compare(copies[a], copies[b])
        except Exception as error:
            complaints.add(f"{type(error).__name__}: {str(error)[:200]}")
            return {"score": None, "related": None}
        decision = result.scores.provenance_decision
        return {"score": result.scores.pipeline_score, "related": decision.split(" (")[0].endswith(" Match")}

    yield "cisco", "cisco-ai-provenance-kit 1.0.0", 1, compare
    print(*sorted(complaints), sep="\n")
