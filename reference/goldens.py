# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "scipy==1.17.1"]
# ///
"""Golden numbers for the statistics: data/golden/statistics.json.

Usage: goldens.py [--check]    --check recomputes and compares with the committed file.

Everything is computed here from the definitions with exact rationals, NumPy and SciPy; nothing
is taken from the program under test. Inputs are f32 values, written so that any reader of
decimal numbers gets the same f32.

Sections of the JSON:

    vectors       paired vectors: cosine, Pearson, relative L2 = |a - b| / |b|, share of equal bits
    aligned       rows of A and B [n, d]: columns centred over the n rows, rows scaled to length 1
                  (a row of zeros stays), C = A B^T, D = C with row and column means removed and
                  the grand mean added; T = sum D_ii, variance = sum D_ij^2 / (n - 1), z,
                  the exact tail by all n! renumberings (n <= 7), and the bound below
    joint         several of those with one theta: the functions psi add
    bound_check   the bound against the exact tail on 500 random and adversarial matrices
    fixed_points  exact P(K >= k) of random partial matchings against (m/n)^k / k!
    holm          adjusted p-values, decimal logarithms
    attention     queries, keys, values and outputs of a layer over a few coordinates, and the same
                  layer rewritten: a complex number on every rotary pair of a key and 1 / its conjugate
                  on that of its queries, an invertible matrix between values and outputs, groups of
                  heads and query heads in another order; the maps Q^T K and O V of every group, summed
                  over its query heads, and their sum over all

The bound: E exp(theta sum_i D_i,pi(i)) = perm(e^(theta D)) / n!, and by Carlen, Lieb and Loss
(An inequality of Hadamard type for permanents, 2006) |perm(M)| <= n! / n^(n/2) prod |row_i|_2, so

    ln P(T' >= T) <= min over theta > 0 of  psi(theta) - theta T,
    psi(theta) = sum_i 1/2 ln( (1/n) sum_j exp(2 theta D_ij) ).

A value that is undefined is null, never a number.
"""

import itertools
import json
import math
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import scipy
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp

GOLDEN = Path(__file__).resolve().parent.parent / "data" / "golden" / "statistics.json"
SEED = 20240603
LN10 = math.log(10)


# Inputs ---------------------------------------------------------------------------------------


def f32_list(values):
    """The values rounded to f32, as the shortest decimals that read back as the same f32."""
    out = []
    for value in np.asarray(values, dtype=np.float32).ravel():
        decimal = float(str(value))
        assert np.float32(decimal).tobytes() == value.tobytes(), "decimal reads back differently"
        out.append(decimal)
    return out


def f32_rows(matrix):
    return [f32_list(row) for row in matrix]


def as_f64(nested):
    """What a reader of the JSON gets: f32 values, in f64."""
    return np.array(nested, dtype=np.float32).astype(np.float64)


# Paired vectors -------------------------------------------------------------------------------


def root_of_ratio(square, other):
    return math.sqrt(square / other)


def signed_cosine(product, square_a, square_b):
    """product / sqrt(square_a square_b) from exact rationals, rounded once or twice."""
    if square_a == 0 or square_b == 0:
        return None
    size = root_of_ratio(product * product, square_a * square_b)
    return math.copysign(size, product) if product else 0.0


def compare(a, b):
    """All four figures of two vectors, from exact rational sums."""
    if len(a) != len(b) or not a:
        return {"cosine": None, "pearson": None, "relative_l2": None, "equal_bits": None}
    bits_a, bits_b = (np.array(v, dtype=np.float32).view(np.uint32) for v in (a, b))
    x, y = ([Fraction(float(np.float32(value))) for value in v] for v in (a, b))
    n = len(x)
    mean_x, mean_y = sum(x) / n, sum(y) / n
    cx, cy = [v - mean_x for v in x], [v - mean_y for v in y]
    dot = lambda u, v: sum(p * q for p, q in zip(u, v))  # noqa: E731
    difference = [p - q for p, q in zip(x, y)]
    return {
        "cosine": signed_cosine(dot(x, y), dot(x, x), dot(y, y)),
        "pearson": signed_cosine(dot(cx, cy), dot(cx, cx), dot(cy, cy)),
        "relative_l2": root_of_ratio(dot(difference, difference), dot(y, y)) if any(y) else None,
        "equal_bits": int((bits_a == bits_b).sum()) / n,
    }


def vector_cases(rng):
    a = rng.standard_normal(64)
    b = rng.standard_normal(64)
    half = np.where(np.arange(64) % 2 == 0, a, b)
    spread = rng.standard_normal(64)
    cases = [
        ("independent", a, b),
        ("identical", a, a),
        ("opposite", a, -a),
        ("a copy with one tenth of noise", a + 0.1 * b, a),
        ("every second value copied", half, a),
        ("scaled by three", 3.0 * a, a),
        ("large means, tiny independent spreads", 1000 + 0.01 * a, 1000 + 0.01 * b),
        ("large means, one shared tiny spread", 1000 + 0.01 * spread, 900 + 0.02 * spread),
        ("norm weights: all positive, near one", 1 + 0.05 * a, 1 + 0.05 * b),
        ("a constant against a spread", np.full(16, 0.3), b[:16]),
        ("two equal constants", np.full(16, 0.3), np.full(16, 0.3)),
        ("two different constants", np.full(16, 0.3), np.full(16, 0.7)),
        ("a is zero", np.zeros(16), b[:16]),
        ("b is zero", a[:16], np.zeros(16)),
        ("both are zero", np.zeros(16), np.zeros(16)),
        ("zeros of both signs", np.zeros(16), -np.zeros(16)),
        ("sizes from 1e-30 to 1e30", a * 10.0 ** np.linspace(-30, 30, 64), b),
        ("one value", a[:1], b[:1]),
        ("two values", a[:2], b[:2]),
        ("different lengths", a[:16], b[:15]),
        ("nothing", [], []),
    ]
    out = []
    for name, x, y in cases:
        x, y = f32_list(x), f32_list(y)
        out.append({"name": name, "a": x, "b": y, **compare(x, y)})
    return out


# The aligned test -----------------------------------------------------------------------------


def standardised(rows):
    centred = rows - rows.mean(axis=0)
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    # A row of zeros leaves rounding errors behind, not zeros, when its column means are rounded.
    real = lengths > 1e-12 * np.abs(rows).max(initial=1e-300)
    return np.where(real, centred / np.where(real, lengths, 1.0), 0.0)


def double_centred(scores):
    rows = scores.mean(axis=1, keepdims=True)
    columns = scores.mean(axis=0, keepdims=True)
    return scores - rows - columns + scores.mean()


def psi(centred, theta):
    n = len(centred)
    return 0.5 * float((logsumexp(2.0 * theta * centred, axis=1) - math.log(n)).sum())


def log_bound(blocks, total, variance):
    """ln of the bound and the theta where it is, to 1e-10 in the bound; (0, 0) when T <= 0."""
    if total <= 0 or variance <= 0:
        return 0.0, 0.0
    value = lambda u: sum(psi(d, math.exp(u)) for d in blocks) - math.exp(u) * total  # noqa: E731
    # Near the normal case the best theta is T / (2 variance); strong findings want a larger one,
    # and when T is the largest possible sum the function falls for ever, to a limit.
    guess = math.log(total / (2.0 * variance))
    grid = np.linspace(guess - 4.0, guess + 12.0, 161)
    best = int(np.argmin([value(u) for u in grid]))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    found = minimize_scalar(value, bounds=(low, high), method="bounded", options={"xatol": 1e-9})
    return min(float(found.fun), 0.0), math.exp(float(found.x))


def permuted_sums(centred):
    n = len(centred)
    orders = np.array(list(itertools.permutations(range(n))))
    return centred[np.arange(n), orders].sum(axis=1)


def exact_tail(sums, total):
    """P(T' >= T) over all renumberings; sums within rounding of T count."""
    slack = 1e-9 * max(1.0, float(np.abs(sums).max()))
    return int((sums >= total - slack).sum()) / len(sums)


def centred_scores(a, b):
    return double_centred(standardised(as_f64(a)) @ standardised(as_f64(b)).T)


def figures(blocks):
    """T, variance, z and the bound of blocks that are renumbered independently."""
    total = float(sum(np.trace(d) for d in blocks))
    variance = float(sum((d**2).sum() / (len(d) - 1) for d in blocks))
    if variance <= 1e-20:
        return {"t": total, "variance": 0.0, "z": None, "theta": None, "log10_p_bound": None}
    log_p, theta = log_bound(blocks, total, variance)
    return {
        "t": total,
        "variance": variance,
        "z": total / math.sqrt(variance),
        "theta": theta,
        "log10_p_bound": log_p / LN10,
    }


def aligned_cases(rng):
    def related(n, d, share):
        a = rng.standard_normal((n, d))
        b = rng.standard_normal((n, d))
        return a, share * a + math.sqrt(1 - share**2) * b

    common = 5.0 * rng.standard_normal(8)
    zero_row = related(6, 8, 0.8)
    # A row stays zero through centring only when the columns' means are zero, in any arithmetic:
    # mirror the rows, on a grid where sums are exact.
    zero_row = [np.round(256 * m[:3]) / 256 for m in zero_row]
    mirrored = [np.vstack([m, -m, np.zeros((1, 8))]) for m in zero_row]
    giant = related(7, 4, 0.0)
    giant[0][2] *= 1000.0
    heavy = [rng.standard_cauchy((7, 5)) for _ in range(2)]
    clustered = related(6, 6, 0.5)
    clustered = [np.repeat(m[:2], 3, axis=0) + 0.01 * m for m in clustered]
    copies = related(32, 12, 0.0)
    copies[1][:6] = copies[0][:6]
    cases = [
        ("independent, five units", *related(5, 8, 0.0)),
        ("related, five units", *related(5, 8, 0.7)),
        ("identical, six units", *related(6, 8, 1.0)),
        ("independent, seven units", *related(7, 8, 0.0)),
        ("related, seven units", *related(7, 8, 0.7)),
        ("opposite, six units", *(lambda m: (m, -m))(rng.standard_normal((6, 8)))),
        ("a large direction common to all units", *(m + common for m in related(7, 8, 0.0))),
        ("one giant unit", *giant),
        ("heavy tails", *heavy),
        ("two clusters of units", *clustered),
        ("a row of zeros", *mirrored),
        ("all units alike: no variance", np.tile(common, (6, 1)), rng.standard_normal((6, 8))),
        ("independent, forty units", *related(40, 16, 0.0)),
        ("weakly related, forty units", *related(40, 16, 0.3)),
        ("related, forty units", *related(40, 16, 0.9)),
        ("six of 32 units copied", *copies),
    ]
    out = []
    for name, a, b in cases:
        a, b = f32_rows(a), f32_rows(b)
        d = centred_scores(a, b)
        case = {"name": name, "n": len(a), "d": len(a[0]), "a": a, "b": b, **figures([d])}
        exact = None
        if len(a) <= 7 and case["z"] is not None:
            exact = math.log10(exact_tail(permuted_sums(d), case["t"]))
            assert exact <= case["log10_p_bound"] + 1e-9, name
        out.append({**case, "log10_p_exact": exact})
    return out


def joint_cases(aligned):
    def blocks_of(names):
        by_name = {case["name"]: case for case in aligned}
        return [centred_scores(by_name[n]["a"], by_name[n]["b"]) for n in names]

    def unit_variance(d):
        return d / math.sqrt((d**2).sum() / (len(d) - 1))

    groups = [
        ["independent, five units", "independent, seven units", "independent, forty units"],
        ["related, five units", "related, seven units", "independent, forty units"],
        ["weakly related, forty units", "related, forty units", "six of 32 units copied"],
        ["identical, six units", "opposite, six units"],
    ]
    out = []
    for names in groups:
        blocks = blocks_of(names)
        out.append(
            {
                "aligned": names,
                "as_they_are": figures(blocks),
                "each_at_unit_variance": figures([unit_variance(d) for d in blocks]),
            }
        )
    return out


def adversarial(rng, kind, n):
    if kind == "normal":
        return rng.standard_normal((n, n))
    if kind == "one giant score":
        m = rng.standard_normal((n, n))
        m[rng.integers(n), rng.integers(n)] = 10.0 ** rng.uniform(1, 4)
        return m
    if kind == "giant diagonal":
        return rng.standard_normal((n, n)) + np.eye(n) * 10.0 ** rng.uniform(0, 2)
    if kind == "clustered rows":
        m = rng.standard_normal((2, n))[rng.integers(2, size=n)]
        return m + 1e-3 * rng.standard_normal((n, n))
    if kind == "heavy tails":
        return rng.standard_cauchy((n, n))
    assert kind == "zeros and ones"
    return (rng.random((n, n)) < rng.uniform(0.1, 0.9)).astype(float)


def bound_check(rng):
    """The largest excess of the exact tail over the bound; below zero means it never fails."""
    kinds = [
        "normal",
        "one giant score",
        "giant diagonal",
        "clustered rows",
        "heavy tails",
        "zeros and ones",
    ]
    worst, compared, matrices = {}, 0, 0
    for trial in range(500):
        kind = kinds[trial % len(kinds)]
        d = double_centred(adversarial(rng, kind, int(rng.integers(3, 8))))
        variance = float((d**2).sum() / (len(d) - 1))
        matrices += 1
        if variance < 1e-12:
            continue
        sums = permuted_sums(d)
        # The numbering as it is, the best one, and three places of the null distribution.
        thresholds = [np.trace(d), *np.quantile(sums, [0.75, 0.9, 0.99, 1.0], method="higher")]
        for total in map(float, thresholds):
            exact = math.log10(exact_tail(sums, total))
            bound = log_bound([d], total, variance)[0] / LN10
            # No tail may exceed its bound, and no bound may fall below 1 / n!.
            assert exact <= bound + 1e-9, (kind, trial, exact, bound)
            assert bound >= -math.log10(math.factorial(len(d))) - 1e-9
            if total > 1e-9 * math.sqrt(variance):
                worst[kind] = max(worst.get(kind, -math.inf), exact - bound)
                compared += 1
    return {
        "matrices": matrices,
        "tails_compared": compared,
        "worst_log10_exact_over_bound": worst,
    }


# Fixed points and many looks ------------------------------------------------------------------


def fixed_point_cases():
    """All ways to number n units of B at random, m of which are matched to units of A."""
    out = []
    for n in range(1, 8):
        for m in range(1, n + 1):
            counts = [0] * (m + 1)
            for order in itertools.permutations(range(n)):
                counts[sum(order[i] == i for i in range(m))] += 1
            for k in range(m + 1):
                exact = Fraction(sum(counts[k:]), math.factorial(n))
                bound = Fraction(m, n) ** k / math.factorial(k)
                assert exact <= bound, (m, n, k)
                out.append(
                    {"m": m, "n": n, "k": k, "exact": float(exact), "bound": float(bound)}
                )
    return out


def holm(log10_ps):
    """Adjusted p of rank r (from 1) is the largest (count - s + 1) p_(s) over s <= r, at most 1."""
    count = len(log10_ps)
    order = sorted(range(count), key=lambda i: log10_ps[i])
    adjusted = [0.0] * count
    for rank, place in enumerate(order):
        candidates = [log10_ps[order[s]] + math.log10(count - s) for s in range(rank + 1)]
        adjusted[place] = min(0.0, max(candidates))
    return adjusted


def holm_cases(rng):
    lists = [
        [],
        [-3.0],
        [0.0, 0.0, 0.0],
        [-2.0, -2.0, -2.0],
        [-10.0, -2.0, -1.0, -0.5, -0.1],
        [-0.1, -0.5, -1.0, -2.0, -10.0],
        [-4000.0, -3.0, -4000.0, -0.2],
        [round(-float(p), 4) for p in rng.exponential(1.0, 40)],
    ]
    return [{"log10_p": ps, "adjusted": holm(ps)} for ps in lists]


# Attention ------------------------------------------------------------------------------------


def head_maps(heads, q, k, v, o):
    """Q^T K and O V of every group, each head by itself and then added: [groups, 2, s, s]."""
    groups, each = heads
    q, k, v, o = (as_f64(m) for m in (q, k, v, o))
    cut = lambda m, n: m.reshape(n, -1, m.shape[1])  # noqa: E731
    q, o, k, v = cut(q, groups * each), cut(o, groups * each), cut(k, groups), cut(v, groups)
    of_head = lambda h: [q[h].T @ k[h // each], o[h].T @ v[h // each]]  # noqa: E731
    by_head = np.array([of_head(h) for h in range(groups * each)])
    return by_head.reshape(groups, each, *by_head.shape[1:]).sum(1)


def rewritten(rng, heads, size, pairs, q, k, v, o):
    """The same layer, and the order its groups stand in."""
    groups, each = heads
    q, k, v, o = (m.copy() for m in (q, k, v, o))
    first, second = pairs
    for g in range(groups):
        factor = rng.standard_normal(len(first)) + 1j * rng.standard_normal(len(first))
        mix = rng.standard_normal((size, size)) + 2.0 * np.eye(size)
        rows = lambda h: slice(h * size, (h + 1) * size)  # noqa: E731

        def turn(m, h, by):
            z = (m[rows(h)][first] + 1j * m[rows(h)][second]) * by[:, None]
            m[rows(h)][first], m[rows(h)][second] = z.real, z.imag

        turn(k, g, factor)
        v[rows(g)] = mix @ v[rows(g)]
        for h in range(g * each, (g + 1) * each):
            turn(q, h, 1.0 / np.conj(factor))
            o[rows(h)] = np.linalg.inv(mix).T @ o[rows(h)]
    order = rng.permutation(groups)
    queries = np.concatenate([g * each + rng.permutation(each) for g in order])
    take = lambda m, heads: m.reshape(-1, size, m.shape[1])[heads].reshape(m.shape)  # noqa: E731
    return (take(q, queries), take(k, order), take(v, order), take(o, queries)), order


def attention_cases(rng):
    half, next_to = (lambda n: (range(n // 2), range(n // 2, n))), (lambda n: (range(0, n, 2), range(1, n, 2)))
    kinds = [
        ("a head for every query, halves paired", (4, 1), 4, half),
        ("grouped queries, neighbours paired", (2, 3), 4, next_to),
        ("one head of keys", (1, 4), 6, half),
    ]
    cases, s = [], 6
    for name, heads, size, pairing in kinds:
        groups, each = heads
        pairs = tuple(list(indices) for indices in pairing(size))
        rows = [groups * each * size, groups * size, groups * size, groups * each * size]
        plain = [rng.standard_normal((n, s)) for n in rows]
        other, order = rewritten(rng, heads, size, pairs, *plain)
        names = ("queries", "keys", "values", "outputs")
        plain = {n: f32_rows(m) for n, m in zip(names, plain)}
        other = {n: f32_rows(m) for n, m in zip(names, other)}
        maps, after = head_maps(heads, *plain.values()), head_maps(heads, *other.values())
        assert np.allclose(after, maps[order], atol=1e-4), name
        cases.append({
            "name": name,
            "groups": groups,
            "each": each,
            "plain": plain,
            "rewritten": other,
            "order": order.tolist(),
            "reads": [m.ravel().tolist() for m in maps[:, 0]],
            "writes": [m.ravel().tolist() for m in maps[:, 1]],
            "sum_of_reads": maps[:, 0].sum(0).tolist(),
            "sum_of_writes": maps[:, 1].sum(0).tolist(),
        })
    return cases


def main():
    rng = np.random.Generator(np.random.PCG64(SEED))
    aligned_rng, check_rng, holm_rng, heads_rng = (
        np.random.Generator(np.random.PCG64(SEED + i)) for i in (1, 2, 3, 4)
    )
    aligned = aligned_cases(aligned_rng)
    document = {
        "made_by": "reference/goldens.py",
        "versions": {"numpy": np.__version__, "scipy": scipy.__version__},
        "seed": SEED,
        "vectors": vector_cases(rng),
        "aligned": aligned,
        "joint": joint_cases(aligned),
        "bound_check": bound_check(check_rng),
        "fixed_points": fixed_point_cases(),
        "holm": holm_cases(holm_rng),
        "attention": attention_cases(heads_rng),
    }
    if "--check" in sys.argv[1:]:
        return check(document, json.loads(GOLDEN.read_text()))
    text = ",\n".join(
        f" {json.dumps(key)}: " + section(value) for key, value in document.items()
    )
    GOLDEN.write_text("{\n" + text + "\n}\n", newline="\n")
    print(f"{GOLDEN.name}: {GOLDEN.stat().st_size} bytes")
    return 0


def section(value):
    """Lists one item a line, so that a change shows in the diff."""
    if isinstance(value, list):
        return "[\n" + ",\n".join("  " + json.dumps(item) for item in value) + "\n ]"
    return json.dumps(value)


def check(got, want, path=""):
    """Inputs and structure must be equal, computed figures equal to nine digits."""
    if isinstance(got, dict) and isinstance(want, dict) and got.keys() == want.keys():
        return max([check(got[k], want[k], f"{path}.{k}") for k in got if k != "theta"], default=0)
    if isinstance(got, list) and isinstance(want, list) and len(got) == len(want):
        pairs = enumerate(zip(got, want))
        return max([check(x, y, f"{path}[{i}]") for i, (x, y) in pairs], default=0)
    numbers = isinstance(got, float) and isinstance(want, float)
    if got == want or (numbers and math.isclose(got, want, rel_tol=1e-9, abs_tol=1e-9)):
        return 0
    print(f"{path}: recomputed {got}, committed {want}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
