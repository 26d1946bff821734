# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6"]
# ///
"""Are the exact tests exact on networks that were trained?

    python reference/trained.py DIR train            # writes the networks, some minutes
    python reference/trained.py DIR compare JOKBO    # compares them, prints Markdown
    python reference/trained.py check                # the gradient against finite differences

`train` makes NETWORKS small llama-like language models (RMSNorm, rotary causal attention, SwiGLU,
untied head) in NumPy with hand-written gradients and AdamW, and some relatives of the first one. All
read the same batches of the same seeded Markov text in the same order; only the random initialisation
differs. This is the hardest null that can be had: everything is shared but the draw.

Each network is written twice, as F32 and rounded to BF16, where many stored values are equal by
chance. Nothing is committed; the last figures are in bench/runs/.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import collections
import itertools
import json
import math
import pathlib
import struct
import subprocess
import sys
from multiprocessing.pool import Pool, ThreadPool

import numpy as np

NETWORKS, STEPS = 40, 800
VOCABULARY, WIDTH, HIDDEN, LAYERS, HEADS = 96, 48, 128, 2, 4
BATCH, LENGTH = 24, 24
RATE, WARM_UP, DECAY, SPREAD = 3e-3, 50, 0.01, 0.08
PARENT = "net-00"
TEXT, OTHER_TEXT = 1, 2


# The text -------------------------------------------------------------------------------------


class Text:
    """Order-2 Markov text: the next token depends on the last and on the one before it."""

    def __init__(self, seed: int):
        random = np.random.default_rng([seed, 0])
        frequency = 1 / np.arange(1, VOCABULARY + 1)

        def table():
            rows = random.gamma(0.08 + frequency, size=(VOCABULARY, VOCABULARY)) + 1e-4
            return rows / rows.sum(1, keepdims=True)

        self.seed, self.last, self.before = seed, table(), table()

    def batch(self, step: int) -> np.ndarray:
        """Token numbers [BATCH, LENGTH + 1]; the same for every network that asks."""
        random = np.random.default_rng([self.seed, 1, step])
        out = np.zeros((BATCH, LENGTH + 1), dtype=np.int64)
        out[:, 0] = random.integers(0, VOCABULARY, BATCH)
        for at in range(1, LENGTH + 1):
            before = out[:, max(at - 2, 0)]
            p = 0.5 * self.last[out[:, at - 1]] + 0.5 * self.before[before]
            drawn = (p.cumsum(1) < random.random((BATCH, 1))).sum(1)
            out[:, at] = drawn.clip(max=VOCABULARY - 1)
        return out


# The network ----------------------------------------------------------------------------------


def initial(seed: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng([seed, 2])

    def matrix(rows, cols):
        return (SPREAD * random.standard_normal((rows, cols))).astype(np.float32)

    def ones():
        return np.ones(WIDTH, dtype=np.float32)

    out = {"model.embed_tokens.weight": matrix(VOCABULARY, WIDTH)}
    for layer in range(LAYERS):
        at = f"model.layers.{layer}."
        out[f"{at}input_layernorm.weight"] = ones()
        for name in "qkvo":
            out[f"{at}self_attn.{name}_proj.weight"] = matrix(WIDTH, WIDTH)
        out[f"{at}post_attention_layernorm.weight"] = ones()
        out[f"{at}mlp.gate_proj.weight"] = matrix(HIDDEN, WIDTH)
        out[f"{at}mlp.up_proj.weight"] = matrix(HIDDEN, WIDTH)
        out[f"{at}mlp.down_proj.weight"] = matrix(WIDTH, HIDDEN)
    out["model.norm.weight"] = ones()
    out["lm_head.weight"] = matrix(VOCABULARY, WIDTH)
    return out


def normalise(x, gain):
    scale = 1 / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-6)
    unit = x * scale
    return unit * gain, (unit, scale, gain)


def normalise_back(dy, kept):
    unit, scale, gain = kept
    dunit = dy * gain
    dx = scale * (dunit - unit * (dunit * unit).mean(-1, keepdims=True))
    return dx, (dy * unit).sum(0)


def rotary(dtype):
    half = WIDTH // HEADS // 2
    angle = np.arange(LENGTH)[:, None] / 100 ** (np.arange(half) / half)
    return np.cos(angle).astype(dtype), np.sin(angle).astype(dtype)


def rotate(x, cos, sin):
    half = x.shape[-1] // 2
    a, b = x[..., :half], x[..., half:]
    return np.concatenate([a * cos - b * sin, b * cos + a * sin], -1)


def heads(x, n):
    return x.reshape(n, LENGTH, HEADS, -1).transpose(0, 2, 1, 3)


def whole(x):
    return x.transpose(0, 2, 1, 3).reshape(-1, WIDTH)


def loss_and_gradient(w, tokens):
    n, dtype = len(tokens), w["lm_head.weight"].dtype
    cos, sin = rotary(dtype)
    mask = np.triu(np.full((LENGTH, LENGTH), -1e9, dtype=dtype), 1)
    root = np.asarray(1 / math.sqrt(WIDTH // HEADS), dtype=dtype)
    read, target = tokens[:, :-1].ravel(), tokens[:, 1:].ravel()
    x, tape = w["model.embed_tokens.weight"][read], []
    for layer in range(LAYERS):
        at = f"model.layers.{layer}."
        y, norm1 = normalise(x, w[f"{at}input_layernorm.weight"])
        q, k, v = (heads(y @ w[f"{at}self_attn.{c}_proj.weight"].T, n) for c in "qkv")
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        p = q @ k.swapaxes(-1, -2) * root + mask
        p = np.exp(p - p.max(-1, keepdims=True))
        p /= p.sum(-1, keepdims=True)
        mixed = whole(p @ v)
        x = x + mixed @ w[f"{at}self_attn.o_proj.weight"].T
        z, norm2 = normalise(x, w[f"{at}post_attention_layernorm.weight"])
        gate, up = z @ w[f"{at}mlp.gate_proj.weight"].T, z @ w[f"{at}mlp.up_proj.weight"].T
        sigma = 1 / (1 + np.exp(-gate))
        hidden = gate * sigma * up
        x = x + hidden @ w[f"{at}mlp.down_proj.weight"].T
        tape.append((y, norm1, q, k, v, p, mixed, z, norm2, gate, up, sigma, hidden))
    y, last = normalise(x, w["model.norm.weight"])
    logits = y @ w["lm_head.weight"].T
    logits -= logits.max(-1, keepdims=True)
    share = np.exp(logits)
    total = share.sum(-1, keepdims=True)
    rows = np.arange(len(target))
    loss = float((np.log(total[:, 0]) - logits[rows, target]).mean())

    g = {}
    d = share / total
    d[rows, target] -= 1
    d /= len(target)
    g["lm_head.weight"] = d.T @ y
    dx, g["model.norm.weight"] = normalise_back(d @ w["lm_head.weight"], last)
    for layer in reversed(range(LAYERS)):
        at = f"model.layers.{layer}."
        y, norm1, q, k, v, p, mixed, z, norm2, gate, up, sigma, hidden = tape[layer]
        g[f"{at}mlp.down_proj.weight"] = dx.T @ hidden
        dhidden = dx @ w[f"{at}mlp.down_proj.weight"]
        dup = dhidden * gate * sigma
        dgate = dhidden * up * sigma * (1 + gate * (1 - sigma))
        g[f"{at}mlp.gate_proj.weight"], g[f"{at}mlp.up_proj.weight"] = dgate.T @ z, dup.T @ z
        dz = dgate @ w[f"{at}mlp.gate_proj.weight"] + dup @ w[f"{at}mlp.up_proj.weight"]
        back, g[f"{at}post_attention_layernorm.weight"] = normalise_back(dz, norm2)
        dx = dx + back
        g[f"{at}self_attn.o_proj.weight"] = dx.T @ mixed
        dmixed = heads(dx @ w[f"{at}self_attn.o_proj.weight"], n)
        dv, dp = p.swapaxes(-1, -2) @ dmixed, dmixed @ v.swapaxes(-1, -2)
        ds = p * (dp - (dp * p).sum(-1, keepdims=True)) * root
        dq, dk = rotate(ds @ k, cos, -sin), rotate(ds.swapaxes(-1, -2) @ q, cos, -sin)
        dy = 0
        for c, part in zip("qkv", (dq, dk, dv)):
            part = whole(part)
            g[f"{at}self_attn.{c}_proj.weight"] = part.T @ y
            dy = dy + part @ w[f"{at}self_attn.{c}_proj.weight"]
        back, g[f"{at}input_layernorm.weight"] = normalise_back(dy, norm1)
        dx = dx + back
    g["model.embed_tokens.weight"] = np.zeros_like(w["model.embed_tokens.weight"])
    np.add.at(g["model.embed_tokens.weight"], read, dx)
    return loss, g


def train(w, text, first, steps):
    """AdamW with a fresh state over the batches `first ..`. Returns the mean loss of the last 20."""
    w = {name: value.copy() for name, value in w.items()}
    m, v = ({name: np.zeros_like(x) for name, x in w.items()} for _ in range(2))
    losses = []
    for step in range(steps):
        loss, g = loss_and_gradient(w, text.batch(first + step))
        losses.append(loss)
        rate = RATE * min(1, (step + 1) / WARM_UP)
        for name, x in w.items():
            m[name] += 0.1 * (g[name] - m[name])
            v[name] += 0.01 * (g[name] ** 2 - v[name])
            moved = m[name] / (1 - 0.9 ** (step + 1))
            spread = np.sqrt(v[name] / (1 - 0.99 ** (step + 1)))
            if x.ndim == 2:
                x *= 1 - rate * DECAY
            x -= rate * moved / (spread + 1e-8)
    return w, float(np.mean(losses[-20:]))


def check():
    random = np.random.default_rng(0)
    w = {name: x.astype(np.float64) for name, x in initial(1).items()}
    for x in w.values():
        x += 0.1 * random.standard_normal(x.shape)
    tokens = Text(TEXT).batch(0)[:3]
    _, g = loss_and_gradient(w, tokens)
    for name, x in w.items():
        way = random.standard_normal(x.shape)
        ends = []
        for sign in (1, -1):
            moved = {**w, name: x + sign * 1e-5 * way}
            ends.append(loss_and_gradient(moved, tokens)[0])
        want, got = (ends[0] - ends[1]) / 2e-5, float((g[name] * way).sum())
        assert abs(want - got) < 1e-6 * max(1, abs(want)), (name, want, got)
    print(f"{len(w)} gradients agree with finite differences")


# Files ----------------------------------------------------------------------------------------


def write(path, w, kind):
    header, place, data = {}, 0, []
    for name, value in w.items():
        if kind == "BF16":
            bits = value.view(np.uint32)
            raw = ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2").tobytes()
        else:
            raw = value.astype("<f4").tobytes()
        span = [place, place + len(raw)]
        header[name] = {"dtype": kind, "shape": value.shape, "data_offsets": span}
        place = span[1]
        data.append(raw)
    text = json.dumps(header).encode()
    path.mkdir(parents=True, exist_ok=True)
    file = struct.pack("<Q", len(text)) + text + b"".join(data)
    (path / "model.safetensors").write_bytes(file)


def read(path):
    data = (path / "model.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header, out = json.loads(data[8 : 8 + length]), {}
    for name, tensor in header.items():
        start, end = (8 + length + place for place in tensor["data_offsets"])
        out[name] = np.frombuffer(data[start:end], "<f4").reshape(tensor["shape"]).copy()
    return out


def save(folder, name, w):
    write(folder / "f32" / name, w, "F32")
    write(folder / "bf16" / name, w, "BF16")


def train_one(job):
    folder, name, seed, start, text, first, steps = job
    w = initial(seed) if start is None else read(folder / "f32" / start)
    w, loss = train(w, Text(text), first, steps) if steps else (w, None)
    save(folder, name, w)
    return name, loss


# name, seed, start, text, first batch, steps
RELATIVES = [
    ("continued 1 %", 0, PARENT, TEXT, STEPS, STEPS // 100),
    ("continued 10 %", 0, PARENT, TEXT, STEPS, STEPS // 10),
    ("continued 50 %", 0, PARENT, TEXT, STEPS, STEPS // 2),
    ("continued 100 %", 0, PARENT, TEXT, STEPS, STEPS),
    ("continued 300 %", 0, PARENT, TEXT, STEPS, 3 * STEPS),
    ("continued 100 %, other text", 0, PARENT, OTHER_TEXT, 0, STEPS),
    ("same start, untrained", 0, None, TEXT, 0, 0),
    ("same start, other batches", 0, None, TEXT, 10**6, STEPS),
    ("same start, other text", 0, None, OTHER_TEXT, 0, STEPS),
]


def train_all(folder):
    names = [f"net-{seed:02}" for seed in range(NETWORKS)]
    jobs = [(folder, name, seed, None, TEXT, 0, STEPS) for seed, name in enumerate(names)]
    later = [(folder, name, *job) for name, *job in RELATIVES]
    with Pool(2) as pool:
        losses = dict(pool.map(train_one, jobs, chunksize=1))
        losses |= dict(pool.map(train_one, later[::-1], chunksize=1))
    (folder / "losses.json").write_text(json.dumps(losses, indent=1))
    print(json.dumps(losses, indent=1))


# What the program says ------------------------------------------------------------------------


def compare(job):
    jokbo, a, b, seed = job
    command = [jokbo, "compare", str(a), str(b), "--format", "json", "--quiet", "--threads", "1"]
    run = subprocess.run([*command, "--seed", str(seed)], check=True, capture_output=True)
    return a.name, b.name, json.loads(run.stdout)


def distance(ps):
    """Kolmogorov-Smirnov against uniform: both ways, the excess of small p, and p of the first."""
    ps, n = np.sort(ps), len(ps)
    over = float((np.arange(1, n + 1) / n - ps).max())
    under = float((ps - np.arange(n) / n).max())
    both = max(over, under)
    root = (math.sqrt(n) + 0.12 + 0.11 / math.sqrt(n)) * both
    p = 2 * sum((-1) ** (k - 1) * math.exp(-2 * k * k * root * root) for k in range(1, 101))
    return both, over, min(1.0, max(0.0, p)) if 0.2 < root else 1.0


def table(title, reports):
    """One row for each test of each component over `reports`."""
    rows = collections.defaultdict(list)
    for _, _, report in reports:
        for c in report["components"]:
            for test in c["tests"]:
                rows[c["component"], test["name"]].append((test["log10_p"], test["statistic"]))
    print(f"\n{title}: {len(reports)} comparisons\n")
    print(
        "| component | test | n | p <= 0.05 | p <= 0.01 | p <= 0.001 | KS, both ways | KS p "
        "| excess of small p | smallest p | mean z | sd of z | largest z |"
    )
    print("|" + "---|" * 13)
    for (component, test), found in sorted(rows.items()):
        log10, z = np.array([f[0] for f in found]), np.array([f[1] for f in found], dtype=float)
        # A p of exactly k / 1000 must not be lost to the logarithm's last digit.
        ps = 10.0 ** (log10 - 1e-9)
        both, over, p = distance(ps)
        shares = " | ".join(f"{(ps <= level).mean():.4f}" for level in (0.05, 0.01, 0.001))
        print(
            f"| {component} | {test} | {len(ps)} | {shares} | {both:.3f} | {p:.2g} | {over:.3f} "
            f"| {ps.min():.2g} | {z.mean():.2f} | {z.std():.2f} | {z.max():.2f} |"
        )


def verdicts(reports):
    count = collections.Counter()
    for a, b, report in reports:
        for c in report["components"]:
            count[c["component"], c["verdict"]] += 1
    for (component, verdict), n in sorted(count.items()):
        print(f"- {component}: {verdict} in {n}")


def norm_figures(a, b):
    """Cosine, Pearson about one mean, Pearson about each tensor's own mean, over all norm weights."""
    names = [name for name in a if "norm" in name]

    def cosine(x, y):
        return float(x @ y / math.sqrt((x @ x) * (y @ y)))

    def joined(w, centre):
        return np.concatenate([w[n] - (w[n].mean() if centre else 0) for n in names]).astype(float)

    x, y = joined(a, False), joined(b, False)
    within = cosine(joined(a, True), joined(b, True))
    return cosine(x, y), cosine(x - x.mean(), y - y.mean()), within


def short_trainings(folder, jokbo):
    """Two short trainings from one start on different batches: no training was passed on."""
    print("\n| steps | component | verdict | ancestry | aligned cosine | norms, Pearson within tensors |")
    print("|" + "---|" * 6)
    folder = folder / "short"
    for steps in (20, 40, 80, 200):
        a, b = f"first-{steps}", f"second-{steps}"
        train_one((folder, a, 0, None, TEXT, 0, steps))
        train_one((folder, b, 0, None, TEXT, 10**6, steps))
        _, _, report = compare((jokbo, folder / "f32" / a, folder / "f32" / b, 0))
        *_, within = norm_figures(read(folder / "f32" / a), read(folder / "f32" / b))
        for c in report["components"]:
            aligned = c["effect"]["aligned_cosine"]["value"]
            print(f"| {steps} | {c['component']} | {c['verdict']} | {c['ancestry']} | {aligned:.3f} | {within:.3f} |")


def compare_all(folder, jokbo):
    names = sorted(path.name for path in (folder / "f32").glob("net-*"))
    pairs = list(itertools.combinations(names, 2))
    back = [(b, a) for a, b in pairs]

    with ThreadPool(2) as pool:

        def run(kind, which, seed):
            jobs = [(jokbo, folder / kind / a, folder / kind / b, seed) for a, b in which]
            return pool.map(compare, jobs, chunksize=8)

        runs = {
            f"{kind}, {way}, seed {seed}": run(kind, which, seed)
            for kind, seeds in (("f32", (0, 1, 2)), ("bf16", (0,)))
            for seed in seeds
            for way, which in (("forward", pairs), ("backward", back))
        }
        related = [(name, PARENT) for name, *_ in RELATIVES]
        of_parent = run("f32", related, 0) + run("f32", [(b, a) for a, b in related], 0)
        other = run("f32", [(name, "net-01") for name, *_ in RELATIVES], 0)

    for title, reports in runs.items():
        table(title, reports)
    everything = [report for reports in runs.values() for report in reports]
    print(f"\nVerdicts on {len(everything)} comparisons of independent networks\n")
    verdicts(everything)
    print("\nVerdicts on relatives of the parent against a network that is no relative\n")
    verdicts(other)

    sections = [s["log10_p"] for *_, r in everything for c in r["components"] for s in c["sections"]]
    adjusted = [c["log10_p"] for *_, r in everything for c in r["components"]]
    print(f"\nSmallest p of a section {10 ** min(sections):.2g}; of a component, corrected,")
    maps = sum(bool(c["layer_map"]) for *_, r in everything for c in r["components"])
    print(f"{10 ** min(adjusted):.2g}; layer maps found {maps}")

    weights = {name: read(folder / "f32" / name) for name in names}
    figures = np.array([norm_figures(weights[a], weights[b]) for a, b in pairs])
    print("\n| norm weights | least | median | largest |\n|---|---|---|---|")
    for title, column in zip(("cosine", "Pearson", "Pearson within tensors"), figures.T):
        print(f"| {title} | {column.min():.3f} | {np.median(column):.3f} | {column.max():.3f} |")

    print("\n| relative | way | component | verdict | ancestry | aligned cosine | cosine | log10 p | largest p of a section |")
    print("|" + "---|" * 9)
    for a, b, report in of_parent:
        name, way = (b, "parent against it") if a == PARENT else (a, "against parent")
        for c in report["components"]:
            aligned = c["effect"]["aligned_cosine"]
            section = max((s["log10_p"] for s in c["sections"]), default=0)
            print(
                f"| {name} | {way} | {c['component']} "
                f"| {c['verdict']} | {c['ancestry']} | {aligned['value'] if aligned else 0:.3f} "
                f"| {c['effect']['cosine'] or 0:.3f} | {c['log10_p']:.1f} | {section:.1f} |"
            )
    short_trainings(folder, jokbo)
    (folder / "reports.json").write_text(json.dumps({"related": of_parent, "null": runs}))


def main():
    if sys.argv[1:] == ["check"]:
        return check()
    folder = pathlib.Path(sys.argv[1])
    if sys.argv[2] == "train":
        return train_all(folder)
    return compare_all(folder, sys.argv[3])


if __name__ == "__main__":
    main()
