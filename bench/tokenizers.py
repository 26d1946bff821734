# /// script
# requires-python = ">=3.10"
# dependencies = ["scikit-build-core>=0.9"]
# ///
"""All pairs of the 19 public vocabularies that llama.cpp tests with, through `jokbo tokenizers`.

    cargo build --release -p jokbo
    python bench/tokenizers.py target/release/jokbo [DIR]

DIR holds the ggml-vocab-*.gguf files; without it they are taken out of a source package (77 MB).
Prints the related pairs, and the largest figures of all others; the last run is kept in
bench/runs/. Ends with an error when a known relation is not named or an unrelated pair is.
"""

import itertools
import json
import pathlib
import subprocess
import sys
import tarfile
import tempfile

PACKAGE = "llama-cpp-python==0.3.36"

# What is known of the pairs from their publishers. phi-3 took Llama 2's vocabulary; refact is
# StarCoder's with other marks; MPT took GPT-NeoX's; Llama 3 and Qwen 2 both grew from tiktoken's
# cl100k_base; the two DeepSeek vocabularies come from one maker.
RELATED = {
    ("qwen2", "qwen35"): {"same"},
    ("gpt-neox", "mpt"): {"same"},
    ("llama-spm", "phi-3"): {"extended", "cut"},
    ("refact", "starcoder"): {"related"},
    ("llama-bpe", "qwen2"): {"related"},
    ("llama-bpe", "qwen35"): {"related"},
    ("deepseek-coder", "deepseek-llm"): {"related"},
}


def fetch(folder: pathlib.Path) -> None:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    package = ["--no-binary", "llama-cpp-python", "--dest", str(folder), PACKAGE]
    subprocess.run([*pip, *package], check=True)
    (source,) = folder.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        for member in archive:
            name = pathlib.PurePosixPath(member.name).name
            if name.startswith("ggml-vocab-") and name.endswith(".gguf"):
                (folder / name).write_bytes(archive.extractfile(member).read())


def compare(jokbo: str, a: pathlib.Path, b: pathlib.Path) -> dict:
    command = [jokbo, "tokenizers", str(a), str(b), "--format", "json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def main() -> None:
    jokbo = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(sys.argv[2] if 2 < len(sys.argv) else name)
        if 2 == len(sys.argv):
            fetch(folder)
        files = sorted(folder.glob("ggml-vocab-*.gguf"))
        names = [file.stem.removeprefix("ggml-vocab-") for file in files]
        assert len(files) == 19, f"19 vocabularies expected, {len(files)} found"
        print("| suspect | reference | relation | neighbours | order | Jaccard | containment | first merges |")
        print("|---|---|---|---|---|---|---|---|")
        most, wrong = {}, []
        pairs = list(itertools.combinations(zip(names, files), 2))
        pairs += [(y, x) for x, y in pairs if (x[0], y[0]) in RELATED]
        for (a, x), (b, y) in pairs:
            report = compare(jokbo, x, y)
            figures = {f["figure"]: f["value"] for f in report["figures"]}
            known = RELATED.get((a, b)) or RELATED.get((b, a)) or {"trained-separately"}
            if report["relation"] not in known:
                wrong.append(f"{a} against {b}: {report['relation']}")
            if known == {"trained-separately"}:
                for figure, value in figures.items():
                    if value is not None:
                        most[figure] = max(most.get(figure, (-1.0, "")), (value, f"{a}, {b}"))
            else:
                shown = ["neighbours kept", "rank correlation of ids", "shared tokens (Jaccard)",
                         "smaller contained in larger", "first merges in place"]
                cells = ["-" if figures[f] is None else f"{figures[f]:.3f}" for f in shown]
                print(f"| {a} | {b} | {report['relation']}: {report['sentence']} | {' | '.join(cells)} |")
        print(f"\n{len(RELATED)} of {len(pairs) - len(RELATED)} pairs are known to be related, each compared both ways. The largest figures of the others:\n")
        print("| figure | largest | pair |\n|---|---|---|")
        for figure, (value, pair) in most.items():
            print(f"| {figure} | {value:.4f} | {pair} |")
        if wrong:
            sys.exit("\n".join(wrong))


main()
