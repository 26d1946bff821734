# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "torch==2.15.0", "blake3==1.0.11"]
# ///
"""Are PyTorch's files read as PyTorch reads them?

    python reference/torch_files.py --check JOKBO            # writes files with torch, compares
    python reference/torch_files.py --check JOKBO FILE...    # and these, which torch can load

Every tensor that `jokbo inspect` lists must have the name, type, shape and bytes that
`torch.load` (with `weights_only`, or `torch.jit.load`) gives it, and every tensor that torch gives
is listed or told. The bytes are random, so that every bit pattern of every type occurs, NaNs with
payloads included. Written with protocols 2 to 5, in the zip form and the form before it; nothing
is kept.

Packages whose files it was run on are named in bench/runs/.
"""

import itertools
import json
import sys
import tempfile
import warnings
from pathlib import Path

import torch

from inspected import Differs, hold, said

NAMES = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.float8_e4m3fn: "F8_E4M3",
    torch.float8_e5m2: "F8_E5M2",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.int16: "I16",
    torch.int8: "I8",
    torch.uint64: "U64",
    torch.uint32: "U32",
    torch.uint16: "U16",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}
UNREAD = [torch.complex64, torch.complex128, torch.float8_e4m3fnuz, torch.float8_e8m0fnu]
SHAPES = [(), (0,), (1,), (5,), (2, 3), (3, 0, 2), (1, 4, 1), (2, 3, 4, 5), (1,) * 12 + (3,)]


def random(dtype, shape):
    """A tensor of random bits."""
    n = torch.Size(shape).numel()
    if dtype == torch.bool:
        return torch.randint(0, 2, shape).bool()
    return torch.randint(0, 256, (n * dtype.itemsize,), dtype=torch.uint8).view(dtype).view(shape)


def stored(tensor):
    tensor = tensor.detach().contiguous().view(-1)
    return tensor.view(torch.uint8).numpy().tobytes()


def flat(value, name=""):
    """Every tensor in a tree of dictionaries and lists, under the way to it."""
    if isinstance(value, torch.Tensor):
        yield name, value
        return
    pairs = []
    if isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, (list, tuple)):
        pairs = enumerate(value)
    for key, inner in pairs:
        yield from flat(inner, f"{name}.{key}" if name else str(key))


def fills(tensor):
    """Whether the axes, in some order, lie one after the other without a gap: what is read."""
    want = 1
    for stride, axis in sorted(zip(tensor.stride(), tensor.shape)):
        if axis != 1 and stride != want and tensor.numel():
            return False
        want *= axis
    return True


def compare(jokbo, path, tree, wrapper=""):
    """Holds the reading of `path` to the tensors in `tree`. `wrapper` is left off their names."""
    ask = lambda name: None
    if isinstance(tree, torch.jit.ScriptModule):
        # Tensors that are plain attributes stand in the archive and not in the state dictionary.
        module, tree = tree, dict(tree.state_dict())
        ask = lambda name: of(attribute(module, name))
    want, unread = {}, []
    for name, tensor in flat(tree):
        name = name.removeprefix(wrapper)
        if tensor.layout == torch.strided and tensor.dtype in NAMES and fills(tensor):
            want[name] = of(tensor)
        else:
            unread.append(name)
    return hold(jokbo, path, want, unread, ask)


def of(tensor):
    """A tensor as our report would have it."""
    return said(NAMES[tensor.dtype], tensor.shape, stored(tensor))


def attribute(module, name):
    """The attribute of a script that has this way to it, or its constant of this number."""
    first, *rest = name.split(".")
    if first == "constants":
        return constants(module)[int(*rest)]
    return attribute(getattr(module, first), ".".join(rest)) if rest else getattr(module, first)


def constants(module):
    """The tensors in the code of a script, each once."""
    different = []
    for _, inner in module.named_modules():
        if hasattr(inner, "forward"):
            for value in inner.code_with_constants[1].const_mapping.values():
                if not any(torch.equal(value, other) for other in different):
                    different.append(value)
    return different


def types():
    """Every type in every shape."""
    each = itertools.product([*NAMES, *UNREAD], SHAPES)
    return {
        f"{str(dtype).removeprefix('torch.')}.{i}": random(dtype, shape)
        for i, (dtype, shape) in enumerate(each)
    }


def views():
    """Tensors that share storages, begin within one, lie in another order, or have gaps."""
    base = random(torch.float32, (8, 6))
    tied = torch.nn.Parameter(random(torch.float16, (4, 4)))
    return {
        "base": base,
        "rows": base[2:5],
        "row": base[7],
        "element": base[3, 3],
        "one_column": base[:1, :],
        "transposed": base.T,
        "columns": base[:, 1:3],
        "every_second": base[::2],
        "expanded": base[:1].expand(3, 6),
        "turned": random(torch.bfloat16, (2, 3, 4)).permute(2, 0, 1),
        "empty_of_a_view": base[:, :0].T,
        "tied_a": tied,
        "tied_b": tied,
        "as_strided": torch.as_strided(base, (2, 2), (12, 1), 3),
        "channels_last": random(torch.float32, (2, 3, 4, 4)).to(memory_format=torch.channels_last),
    }


def nested():
    """What a training run leaves: dictionaries in lists in dictionaries, and much that is no tensor."""
    network = torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.BatchNorm1d(5), torch.nn.GRU(5, 2))
    optimizer = torch.optim.AdamW(network[0].parameters())
    network[0](torch.ones(1, 3)).sum().backward()
    optimizer.step()
    return {
        "model": network.state_dict(),
        "optimizer": optimizer.state_dict(),
        "epoch": 3,
        "loss": 0.25,
        "none": None,
        "names": ["a", "b"],
        "deep": {"er": [{"x": (random(torch.int8, (2,)), random(torch.uint8, (2, 2)))}]},
        7: {"key": random(torch.float64, (1,))},
        "한글 and spaces": random(torch.int16, (3,)),
    }


def written(folder):
    """Files written by torch: path, what is in it, and the wrapper that is left off its names."""
    trees = {
        "types": types(),
        "views": views(),
        "nested": nested(),
        "many": {f"layers.{i}.weight": random(torch.float16, (i % 7, 3)) for i in range(1500)},
        "list": [random(torch.float32, (2,)) for _ in range(3)],
        "big": {"over_255_keys": {str(i): random(torch.bool, (1,)) for i in range(300)}},
    }
    for (name, tree), protocol, zipped in itertools.product(trees.items(), (2, 3, 4, 5), (1, 0)):
        path = folder / f"{name}-{protocol}-{'zip' if zipped else 'old'}.pt"
        torch.save(
            tree, path, pickle_protocol=protocol, _use_new_zipfile_serialization=bool(zipped)
        )
        yield path, tree, ""
    path = folder / "wrapped.ckpt"
    torch.save({"state_dict": {"module": trees["many"]}, "epoch": 2}, path)
    yield path, {"state_dict": {"module": trees["many"]}}, "state_dict.module."
    yield from sharded(folder)


def sharded(folder):
    """A model in two files with an index."""
    folder = folder / "sharded"
    folder.mkdir()
    shards = [
        {f"{part}.{i}.weight": random(torch.bfloat16, (3, i + 1)) for i in range(20)}
        for part in ("first", "second")
    ]
    index = {}
    for i, shard in enumerate(shards):
        name = f"pytorch_model-{i + 1:05}-of-00002.bin"
        torch.save(shard, folder / name)
        index |= dict.fromkeys(shard, name)
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps({"weight_map": index}))
    yield folder, shards[0] | shards[1], ""


class Scripted(torch.nn.Module):
    """A module with parameters, buffers and modules, for TorchScript."""

    def __init__(self):
        super().__init__()
        self.inner = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4))
        self.register_buffer("table", random(torch.int32, (2, 2)))
        self.scale = torch.nn.Parameter(torch.randn(4))
        self.plain = random(torch.float64, (3,))

    def forward(self, x):
        return self.inner(x) * self.scale + self.table.sum() + self.plain.sum()


def scripts(folder):
    """TorchScript archives, scripted and traced."""
    module = Scripted().eval()
    for name, script in (
        ("scripted", torch.jit.script(module)),
        ("traced", torch.jit.trace(module, torch.ones(2, 3))),
    ):
        path = folder / f"{name}.pt"
        script.save(path)
        yield path, script, ""


def loaded(path):
    """What torch reads from a file of somebody else's."""
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception:
        return torch.jit.load(path, map_location="cpu")


def real(path):
    """The tree in `path`, and the wrapper that all of its names have."""
    tree = loaded(path)
    names = [] if isinstance(tree, torch.jit.ScriptModule) else [name for name, _ in flat(tree)]
    wrapper = ""
    for inner in ("state_dict.", "model_state_dict.", "module."):
        if names and all(name.startswith(wrapper + inner) for name in names):
            wrapper += inner
    return tree, wrapper


def main():
    if len(sys.argv) < 3 or sys.argv[1] != "--check":
        sys.exit(__doc__)
    warnings.simplefilter("ignore")
    torch.manual_seed(20261124)
    jokbo, files, failed = sys.argv[2], sys.argv[3:], 0
    with tempfile.TemporaryDirectory() as folder:
        made = itertools.chain(written(Path(folder)), scripts(Path(folder)))
        named = ((Path(file), *real(file)) for file in files)
        for path, tree, wrapper in itertools.chain(made, named):
            try:
                print(f"{path.name}: {compare(jokbo, path, tree, wrapper)} tensors agree")
            except Differs as differs:
                print(f"DIFFERS {differs}")
                failed += 1
    if failed:
        sys.exit(f"{failed} files are read differently")


if __name__ == "__main__":
    main()
