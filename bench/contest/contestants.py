"""Who takes part: how each is called on a pair, what it computes, and what it said of the pair."""

import dataclasses
import importlib.util
import json
import pathlib
import shutil
import sys
from collections.abc import Callable

from .clock import Run

HERE = pathlib.Path(__file__).resolve().parent


@dataclasses.dataclass
class Pair:
    """A suspect, a reference, both again with a configuration and a tokenizer, and the weights."""

    models: tuple[str, str]
    dressed: tuple[str, str]
    files: list[pathlib.Path]

    @property
    def stored(self) -> int:
        return sum(file.stat().st_size for file in self.files)


@dataclasses.dataclass
class Contestant:
    key: str
    name: str
    computes: str
    command: Callable[[Pair], list[str]]
    said: Callable[[str], str]
    # Modules that must be there besides the command.
    needs: tuple[str, ...] = ()
    # Run with the page cache emptied too, when that is asked for, or so only.
    cold: bool = False
    warm: bool = True

    def missing(self, pair: Pair) -> str | None:
        command = self.command(pair)[0]
        if not shutil.which(command):
            return f"not installed: there is no `{pathlib.Path(command).name}`"
        for module in self.needs:
            if not importlib.util.find_spec(module):
                return f"not installed: there is no module `{module}`"
        return None

    def outcome(self, run: Run) -> str:
        """How the run ended, and what was said where it ended by itself."""
        if run.ended:
            return run.ended
        try:
            return self.said(run.output)
        except (ValueError, KeyError, IndexError, TypeError, AttributeError):
            last = (run.errors.strip() or run.output.strip() or "nothing").splitlines()[-1]
            return f"failed with {run.code}: {last[:120]}".replace("|", "/")


def beside(program: str) -> str:
    """The program next to this Python, else whatever the path has of that name."""
    near = pathlib.Path(sys.executable).parent / program
    return str(near) if near.exists() else program


def jokbo(program: str) -> list[Contestant]:
    def way(option: str, computes: str) -> Contestant:
        return Contestant(
            option.strip("-"),
            f"`jokbo compare {option}`",
            computes,
            lambda pair: [program, "compare", *pair.models, option, "--quiet", "--format", "json"],
            lambda output: "finished: " + " ".join(sorted(set(grades(json.loads(output)).values()))),
            cold=True,
        )

    return [
        way("--full", "digests, verdict by component, ladder"),
        way("--sampled", "the same verdict from drawn stretches"),
    ]


def grades(report: dict) -> dict[str, str]:
    return {c["component"]: c["verdict"] for c in report["components"]}


def numbers(output: str) -> str:
    """Of lines with a name, a cosine and a Pearson: how many, and the mean of the cosines."""
    cosines = [float(line.split()[1]) for line in output.splitlines()]
    return f"finished: {len(cosines)} tensors, mean cosine {sum(cosines) / len(cosines):.3f}"


def own(key: str, name: str, needs: tuple[str, ...]) -> Contestant:
    program = str(HERE / f"with_{key}.py")
    return Contestant(
        key,
        name,
        "cosine and Pearson of every tensor",
        lambda pair: [sys.executable, program, *map(str, pair.files)],
        numbers,
        needs,
    )


def only_pass(program: str) -> Contestant:
    """What the library computes of stored values alone: the example `pass`, built beside the program."""
    return Contestant(
        "pass",
        "`examples/pass`, the values alone",
        "cosine and Pearson of every tensor",
        lambda pair: [str(pathlib.Path(program).parent / "examples" / "pass"), *map(str, pair.files)],
        numbers,
        cold=True,
    )


def modeldna(full: bool) -> Contestant:
    def said(output: str) -> str:
        return f"finished: {json.loads(output)['verdict']['verdict']}"

    more = ["--full"] if full else []
    return Contestant(
        "modeldna-full" if full else "modeldna",
        "modeldna 0.1.0" + (" `--full`" if full else ""),
        "fingerprint of " + ("whole tensors" if full else "sampled rows"),
        lambda pair: [beside("modeldna"), "compare", *pair.dressed, "--json", *more],
        said,
    )


def cisco() -> Contestant:
    def said(output: str) -> str:
        scores = json.loads(output[output.index("{") :])["scores"]
        return f"finished: {scores['provenance_decision']}"

    return Contestant(
        "cisco",
        "cisco-ai-provenance-kit 1.0.0",
        "configuration, tokenizer, five weight signals",
        lambda pair: [beside("provenancekit"), "compare", *pair.dressed, "--no-cache", "--json"],
        said,
    )


def sft(delta: bool) -> Contestant:
    def said(output: str) -> str:
        found = json.loads(output)
        if not delta:
            return f"finished: {len(found['unchanged'])} tensors unchanged (names and shapes)"
        cosines = [value["cosine_sim"] for value in found["value_diffs"].values()]
        return f"finished: {len(cosines)} tensors, mean cosine {sum(cosines) / len(cosines):.3f}"

    more = ["--delta"] if delta else []
    return Contestant(
        "sft" if delta else "sft-names",
        "sft-cli 0.2.2 `diff" + (" --delta`" if delta else "`"),
        "L2, largest and mean difference, cosine" if delta else "names, shapes, types",
        lambda pair: [beside("sft"), "diff", *map(str, pair.files), "--json", *more],
        said,
    )


def diffai(program: str) -> Contestant:
    def said(output: str) -> str:
        return f"finished: {len(output.splitlines())} differences"

    return Contestant(
        "diffai",
        "diffai 0.5.1",
        "means and deviations, which it skips in f16 and bf16",
        lambda pair: [program, *map(str, pair.files), "--no-color"],
        said,
    )


def dd(together: bool) -> Contestant:
    """The disk: both files read in the order of a copy, one after the other or side by side."""
    ending = " & wait" if together else ""

    def command(pair: Pair) -> list[str]:
        each = [f"dd if='{file}' of=/dev/null bs=8M status=none" for file in pair.files]
        return ["sh", "-c", (" & " if together else " && ").join(each) + ending]

    return Contestant(
        "dd-both" if together else "dd",
        "`dd bs=8M`" + (", both files at once" if together else ""),
        "nothing: reads",
        command,
        lambda _: "finished",
        cold=True,
        warm=not together,
    )


def everyone(jokbo_program: str, diffai_program: str) -> list[Contestant]:
    return [
        *jokbo(jokbo_program),
        only_pass(jokbo_program),
        dd(together=False),
        dd(together=True),
        own("numpy", "NumPy", ("numpy", "safetensors", "ml_dtypes")),
        own("torch", "PyTorch", ("torch", "safetensors")),
        modeldna(full=False),
        modeldna(full=True),
        cisco(),
        sft(delta=False),
        sft(delta=True),
        diffai(diffai_program),
    ]
