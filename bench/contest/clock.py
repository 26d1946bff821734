"""One command in a fresh process: its clock, its processor time, its memory, its limits.

Memory is read from /proc every 20 ms: the peak RSS as the kernel keeps it (VmHWM), mapped pages of
files among it, and the peak of anonymous pages, those that no file stands behind. `ru_maxrss` will not
do: it begins with the memory of the process that forked.
"""

import contextlib
import dataclasses
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import tempfile
import threading
import time

SECONDS = 600
ANONYMOUS = 12 * 10**9
LOOK = 0.02
# A command under this long is run three times.
SHORT = 60


@dataclasses.dataclass
class Run:
    wall: float
    processor: float
    peak: int
    anonymous: int
    code: int
    ended: str
    output: str
    errors: str


def memory(process: int) -> tuple[int, int]:
    """Peak RSS and anonymous bytes of a process and of those it started, 0 once it has gone."""
    kept = pathlib.Path(f"/proc/{process}")
    found = {"VmHWM": 0, "RssAnon": 0}
    with contextlib.suppress(OSError):
        for line in (kept / "status").read_text().splitlines():
            name, _, value = line.partition(":")
            if name in found:
                found[name] = 1024 * int(value.split()[0])
        for child in (kept / f"task/{process}/children").read_text().split():
            peak, anonymous = memory(int(child))
            found["VmHWM"] += peak
            found["RssAnon"] += anonymous
    return found["VmHWM"], found["RssAnon"]


class Watch(threading.Thread):
    """Looks at a process until it is told that it ended, and ends it when it is over a limit."""

    def __init__(self, process: int, limit: int):
        super().__init__(daemon=True)
        self.process, self.peak, self.anonymous, self.over = process, 0, 0, ""
        self.done = threading.Event()
        self.limit, self.until = limit, time.monotonic() + limit

    def run(self) -> None:
        while not self.done.wait(LOOK):
            peak, anonymous = memory(self.process)
            self.peak = max(self.peak, peak)
            self.anonymous = max(self.anonymous, anonymous)
            if self.anonymous > ANONYMOUS:
                self.over = f"killed at {ANONYMOUS // 10**9} GB of its own memory"
            elif time.monotonic() > self.until:
                self.over = f"killed at {self.limit} s"
            if self.over:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.process, signal.SIGKILL)
                return


def once(command: list[str], environment: dict[str, str], limit: int) -> Run:
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        start = time.monotonic()
        process = subprocess.Popen(
            command,
            stdout=out,
            stderr=errors,
            stdin=subprocess.DEVNULL,
            env=os.environ | environment,
            start_new_session=True,
        )
        watch = Watch(process.pid, limit)
        watch.start()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        watch.done.set()
        watch.join()
        out.seek(0), errors.seek(0)
        return Run(
            wall=wall,
            processor=used.ru_utime + used.ru_stime,
            peak=watch.peak,
            anonymous=watch.anonymous,
            code=process.returncode,
            ended=watch.over,
            output=out.read(),
            errors=errors.read(),
        )


def forget() -> None:
    """Empties the page cache; needs root."""
    os.sync()
    pathlib.Path("/proc/sys/vm/drop_caches").write_text("3\n")


def remember(files: list[pathlib.Path]) -> None:
    for file in files:
        with file.open("rb", buffering=0) as kept:
            while kept.read(1 << 23):
                pass


def resident(files: list[pathlib.Path]) -> float | None:
    """The share of the files that is in the page cache, if this machine can say."""
    if not shutil.which("fincore"):
        return None
    said = subprocess.run(
        ["fincore", "--bytes", "--noheadings", "--output", "RES", *map(str, files)],
        capture_output=True,
        text=True,
        check=True,
    )
    return sum(map(int, said.stdout.split())) / sum(file.stat().st_size for file in files)


def timed(
    command: list[str],
    files: list[pathlib.Path],
    cold: bool,
    environment: dict[str, str],
    limit: int = SECONDS,
) -> tuple[Run, float | None, int]:
    """The run of the median time, the share of the files that was in the cache when it began, and
    how many runs that is the median of: three where one takes under a minute."""
    runs: list[Run] = []
    cached = None
    while len(runs) < 3:
        forget() if cold else remember(files)
        cached = resident(files)
        runs.append(once(command, environment, limit))
        if runs[0].wall > SHORT or runs[0].ended or runs[0].code < 0:
            break
    middle = statistics.median_low(run.wall for run in runs)
    return next(run for run in runs if run.wall == middle), cached, len(runs)
