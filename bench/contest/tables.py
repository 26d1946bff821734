"""The tables of `bench/peers.py`, in Markdown, a row as soon as it is known."""

from collections.abc import Iterable

from .clock import Run

COLUMNS = [
    "contestant",
    "computes",
    "pair, GB",
    "cache",
    "wall s",
    "CPU s",
    "peak RSS MB",
    "anonymous MB",
    "GB/s",
    "time / full",
    "time / sampled",
    "time / pass",
    "how it ended",
]


def row(cells: Iterable[object]) -> None:
    print(f"| {' | '.join(map(str, cells))} |", flush=True)


def head(columns: list[str]) -> None:
    row(columns)
    row("-" * len(column) for column in columns)


def seconds(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def state(cold: bool, cached: float | None) -> str:
    """Cold or warm; and how much of the pair the cache had, if not none of it or all of it."""
    word, meant = ("cold", 0) if cold else ("warm", 1)
    return word if cached is None or abs(cached - meant) < 0.005 else f"{word}, {100 * cached:.0f} %"


def ratio(run: Run, other: Run | None) -> str:
    return "-" if other is None or run.ended else f"{run.wall / other.wall:.2f}"


def megabytes(size: int) -> str:
    return f"{size / 1e6:.0f}"


def gigabytes(size: int) -> str:
    return f"{size / 1e9:.2f}"
