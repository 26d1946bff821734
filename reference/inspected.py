"""What `jokbo inspect` says of a checkpoint, held to what another reader says.

Used by the scripts that compare readings; it does nothing by itself.
"""

import json
import subprocess

from blake3 import blake3


class Differs(Exception):
    """Two readings differ."""


def inspect(jokbo, path):
    """The report on `path`, as JSON."""
    command = [jokbo, "inspect", str(path), "--format", "json", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise Differs(f"{path}: jokbo says: {done.stderr.strip()}")
    return json.loads(done.stdout)


def said(dtype, shape, data):
    """A tensor as the report has it."""
    return {"dtype": dtype, "shape": list(shape), "blake3": blake3(data).hexdigest()}


def hold(jokbo, path, want, unread=(), ask=lambda name: None):
    """Holds the report on `path` to `want`, a table of names and what `said` gives.

    Tensors called as in `unread` may not be listed, and the report has to tell of each of them.
    `ask` is given every name that `want` lacks. Gives the number of tensors.
    """
    report = inspect(jokbo, path)
    got = {tensor["name"]: tensor for tensor in report["tensors"]}
    for name in sorted(want.keys() | got.keys()):
        theirs = want[name] if name in want else ask(name)
        ours = got.get(name)
        if not theirs or not ours or any(ours[key] != theirs[key] for key in theirs):
            raise Differs(f"{path}: {name}: we say {ours}, they say {theirs}")
    for name in unread:
        if not any(f"tensor `{name}`" in oddity for oddity in report["oddities"]):
            raise Differs(f"{path}: {name} is not read, and nothing is told of it")
    return len(got)
