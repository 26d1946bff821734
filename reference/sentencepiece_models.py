# /// script
# requires-python = ">=3.11"
# dependencies = ["sentencepiece==0.2.3"]
# ///
"""Golden tokenizers of SentencePiece, and what the package itself reads in them.

Two small models are trained on made-up words, one by byte-pair encoding with bytes to fall back on
and one as a unigram model. Pieces, types and scores are asked of the package, so that nothing here
knows how the file is laid out.

Writes into data/golden:

    sentencepiece/bpe.model, sentencepiece/unigram.model
    sentencepiece.tsv    model, id, type, text in hexadecimal (as the package gives it, `▁` for a
                         space), place among the learned pieces by falling score (or -)

Usage: sentencepiece_models.py [--check]    --check reads the committed models, trains none, and
                                            compares the table.
"""

import io
import random
import sys
from pathlib import Path

import sentencepiece as spm

GOLDEN = Path(__file__).resolve().parent.parent / "data" / "golden"
SYLLABLES = ["ka", "mi", "to", "ren", "sul", "po", "é", "한", "글", "vä", "zu", "or"]


def words():
    """Made-up sentences, the same in every run."""
    random.seed(20_261_125)
    word = lambda: "".join(random.choices(SYLLABLES, k=random.randint(1, 4)))
    lexicon = [word() for _ in range(150)]
    for _ in range(2000):
        yield " ".join(random.choices(lexicon, k=8))


def train(kind):
    model = io.BytesIO()
    spm.SentencePieceTrainer.train(
        sentence_iterator=words(),
        model_writer=model,
        model_type=kind,
        vocab_size=360 if kind == "bpe" else 90,
        byte_fallback=kind == "bpe",
        normalization_rule_name="identity",
        user_defined_symbols=["<mark>"],
        control_symbols=["<turn>"],
        num_threads=1,
        minloglevel=2,
    )
    return model.getvalue()


def rows(name, data):
    model = spm.SentencePieceProcessor(model_proto=data)
    kinds = [
        ("unknown", model.IsUnknown),
        ("control", model.IsControl),
        ("unused", model.IsUnused),
        ("byte", model.IsByte),
    ]
    pieces = []
    for i in range(model.GetPieceSize()):
        text = model.IdToPiece(i)
        kind = next((kind for kind, test in kinds if test(i)), "normal")
        # The package has no question for this type.
        kind = "user-defined" if text == "<mark>" else kind
        pieces.append((i, kind, text, model.GetScore(i)))
    learned = sorted((-score, i) for i, kind, _, score in pieces if kind == "normal")
    place = {i: k for k, (_, i) in enumerate(learned)}
    for i, kind, text, _ in pieces:
        yield f"{name}\t{i}\t{kind}\t{text.encode().hex()}\t{place.get(i, '-')}"


def main():
    check = "--check" in sys.argv[1:]
    lines = ["model\tid\ttype\ttext\tlearned"]
    for name in ["bpe", "unigram"]:
        path = GOLDEN / "sentencepiece" / f"{name}.model"
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(train(name))
        lines += rows(name, path.read_bytes())
    text = "\n".join(lines) + "\n"
    path = GOLDEN / "sentencepiece.tsv"
    if check:
        sys.exit(0 if path.read_text() == text else f"{path} differs")
    path.write_text(text)


main()
