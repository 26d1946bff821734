# /// script
# requires-python = ">=3.12"
# dependencies = [
#     "numpy==2.2.6", "ml_dtypes==0.6.0", "safetensors==0.8.0", "torch==2.9.1",
#     "transformers==5.24.0", "modeldna==0.1.0", "cisco-ai-provenance-kit==1.0.0", "sft-cli==0.2.2",
# ]
# ///
"""The same pair of bf16 models through jokbo and what else is used, whole commands, one table.

    cargo build --release -p jokbo
    cargo build --release -p jokbo-audit --example pass
    cargo install diffai --version 0.5.1
    python bench/peers.py --jokbo target/release/jokbo --pairs DIR --sizes 1,4,16 --cold

A pair of N GB is two models of N/2 GiB each, so that the 16 GB pair fits in the page cache of a machine
with 24 GB. `bench/make_pair.py` makes what DIR lacks: a, b and c, 1.5 N GiB a size. Every command is
a fresh process, ended after 600 seconds or at 12 GB of memory of its own. It is run three times
where one run takes under a minute, and the median is told.

- warm: the files were read before every run; how much of them was in the cache is told if not all
- cold: with --cold, which needs root: the page cache was emptied before every run
- peak RSS: with the mapped pages of files, which the system takes back when it wants them
- anonymous: without those

GB/s are the stored bytes of both models by the wall clock, also where not all were read. Then follow
jokbo's sampled verdicts beside its full ones, for kin (a, b) and for strangers (c, b), and its time
by threads and size. --only takes the keys of contest/contestants.py; jokbo is always run. Ends with an
error when a sampled verdict is another than the full one.
"""

import argparse
import itertools
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from contest import clock, contestants, pairs, tables
from contest.contestants import Contestant, Pair

# Seconds for jokbo where it is held against itself: strangers take it up the whole ladder.
ALONE = 3600
Runs = dict[tuple[str, bool], clock.Run]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--jokbo", required=True, help="the program, a release build")
    parser.add_argument("--diffai", default="diffai", help="the program, if not on the path")
    parser.add_argument("--pairs", type=pathlib.Path, required=True, help="folder of the pairs")
    parser.add_argument("--sizes", default="1,4,16", help="GB of both models together")
    parser.add_argument("--only", default="", help="keys of contestants, by comma")
    parser.add_argument("--cold", action="store_true", help="empty the page cache too; needs root")
    return parser.parse_args()


def machine() -> None:
    """What the figures depend on and a reader cannot guess."""
    cores = os.cpu_count()
    kept = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    memory = pathlib.Path(contestants.HERE / "memory.py")
    command = [sys.executable, str(memory)]
    speed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    load = os.getloadavg()[0]
    print(f"{cores} cores, {kept / 2**30:.0f} GiB, load {load:.1f} at the start.")
    print(f"Memory, a held array summed by NumPy in {cores} threads: {speed} GB/s.\n")


def stage(folder: pathlib.Path, size: str, scratch: pathlib.Path) -> dict[str, Pair]:
    """The two pairs of a size: kin and strangers."""
    models = pairs.models(folder, size, "abc")
    dressed = {name: pairs.dressed(model, scratch) for name, model in models.items()}

    def pair(one: str, other: str) -> Pair:
        return Pair(
            (str(models[one]), str(models[other])),
            (str(dressed[one]), str(dressed[other])),
            [models[name] / "model.safetensors" for name in (one, other)],
        )

    return {"kin": pair("a", "b"), "strangers": pair("c", "b")}


def contest(who: Contestant, pair: Pair, size: str, cold: bool, runs: Runs, scratch: str) -> None:
    """One contestant on one pair: runs it, prints its row, keeps it for the ratios of others."""
    if reason := who.missing(pair):
        return tables.row([who.name, who.computes, size, *["-"] * 9, reason])
    environment = {"HOME": scratch, "HF_HUB_OFFLINE": "1", "NO_COLOR": "1"}
    run, cached, times = clock.timed(who.command(pair), pair.files, cold, environment)
    runs[who.key, cold] = run
    tables.row(
        [
            who.name,
            who.computes,
            size,
            tables.state(cold, cached),
            tables.seconds(run.wall),
            tables.seconds(run.processor),
            tables.megabytes(run.peak),
            tables.megabytes(run.anonymous),
            "-" if run.ended else tables.gigabytes(pair.stored / run.wall),
            tables.ratio(run, runs.get(("full", cold))),
            tables.ratio(run, runs.get(("sampled", cold))),
            tables.ratio(run, runs.get(("pass", cold))),
            who.outcome(run) + ("" if times > 1 else ", run once"),
        ]
    )


def ratios(staged: dict[str, Pair], asked: argparse.Namespace, scratch: str) -> None:
    tables.head(tables.COLUMNS)
    chosen = set(filter(None, asked.only.split(",")))
    for size, pair in staged.items():
        runs: Runs = {}
        for who in contestants.everyone(asked.jokbo, asked.diffai):
            # All ratios are to these two.
            if chosen and who.key not in chosen | {"full", "sampled", "pass"}:
                continue
            if who.warm:
                contest(who, pair, size, False, runs, scratch)
            if who.cold and asked.cold:
                contest(who, pair, size, True, runs, scratch)


def verdicts(size: str, kind: str, pair: Pair, program: str) -> bool:
    """A row of what jokbo says from samples and in full, and whether that is the same."""
    said, rows = {}, []
    for who in contestants.jokbo(program):
        run, _, _ = clock.timed(who.command(pair), pair.files, False, {}, ALONE)
        report = json.loads(run.output)
        cost = report["cost"]
        said[who.key] = contestants.grades(report)
        share = 100 * cost["bytes_read"] / cost["bytes_stored"]
        rows.append((run.wall, cost["bytes_read"], share))
    (full, _, _), (sampled, read, share) = rows
    same = said["full"] == said["sampled"]
    words = "<br>".join(f"{part} {grade}" for part, grade in said["sampled"].items())
    answer = "yes" if same else f"NO: {said['full']}"
    times = (tables.seconds(sampled), tables.seconds(full))
    read, stored = (tables.megabytes(n) for n in (read, pair.stored))
    tables.row([f"{size}, {kind}", *times, read, stored, f"{share:.3f} %", words, answer])
    return same


def equal_verdicts(staged: dict[str, dict[str, Pair]], program: str) -> bool:
    print("\nTime to verdict and bytes to verdict, warm:\n")
    columns = ["pair, GB", "sampled s", "full s", "MB read", "of MB", "share", "sampled verdict"]
    tables.head([*columns, "full the same"])
    return all(
        [
            verdicts(size, kind, pair, program)
            for size, kinds in staged.items()
            for kind, pair in kinds.items()
        ]
    )


def scaling(staged: dict[str, Pair], program: str) -> None:
    print("\nTime by threads and size, warm:\n")
    head = ["pair, GB", "command", "threads", "wall s", "CPU s", "speed-up", "GB/s"]
    tables.head([*head, "peak RSS MB", "anonymous MB"])
    powers = (1 << n for n in itertools.count())
    counts = list(itertools.takewhile(lambda n: n <= os.cpu_count(), powers))
    for (size, pair), who in itertools.product(staged.items(), contestants.jokbo(program)):
        alone = None
        for threads in counts:
            command = [*who.command(pair), "--threads", str(threads)]
            run, _, _ = clock.timed(command, pair.files, False, {}, ALONE)
            alone = alone or run.wall
            figures = [tables.seconds(run.wall), tables.seconds(run.processor)]
            figures += [f"{alone / run.wall:.2f}", tables.gigabytes(pair.stored / run.wall)]
            figures += [tables.megabytes(run.peak), tables.megabytes(run.anonymous)]
            tables.row([size, who.name, threads, *figures])


def main() -> None:
    asked = arguments()
    with tempfile.TemporaryDirectory() as scratch:
        machine()
        staged = {
            size: stage(asked.pairs, size, pathlib.Path(scratch)) for size in asked.sizes.split(",")
        }
        kin = {size: kinds["kin"] for size, kinds in staged.items()}
        ratios(kin, asked, scratch)
        same = equal_verdicts(staged, asked.jokbo)
        scaling(kin, asked.jokbo)
    if not same:
        sys.exit("a sampled verdict is another than the full one")


if __name__ == "__main__":
    main()
