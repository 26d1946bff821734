"""The Llama-like networks and everything that is made from them."""

from . import attacks, depth, lora, merge, prune, quantise, upcycle, vocabulary
from . import llama as module
from .data import Renumbered, Text
from .recipe import Made, Recipe, child, kept, scratch, tuned

SEEDS, STEPS = 12, 400
ONE, TWO, THREE, FOUR = Text(1), Text(2), Text(3), Text(4)
BASE = "llama-00"
TUNED = (f"{BASE}-tuned-heavy", f"{BASE}-tuned-heavy-b", f"{BASE}-tuned-heavy-c")


def recipes() -> list[Recipe]:
    return [
        *independent(),
        *trained_on(),
        *formats(),
        *pruned(),
        *reshaped(),
        *merged(),
        *other_vocabulary(),
        *attacked(),
    ]


def independent():
    for seed in range(SEEDS):
        yield scratch(f"llama-{seed:02}", "llama", seed, ONE, STEPS)
    for seed in (0, 1):
        name = f"llama-{seed:02}-same-start-other-text"
        yield scratch(name, "llama", seed, TWO, STEPS, relation="common-initialisation")
    name = f"{BASE}-same-start-other-batches"
    yield scratch(name, "llama", 0, ONE, STEPS, first=10**6, relation="common-initialisation")


def trained_on():
    yield child(f"{BASE}-continued-10x", "llama", "continued-10x", BASE, ONE, 9 * STEPS, 2e-3, first=STEPS)
    for parent in (BASE, "llama-01"):
        yield child(f"{parent}-tuned-light", "llama", "tuned-light", parent, TWO, 60, 1e-4)
        yield child(f"{parent}-tuned-heavy", "llama", "tuned-heavy", parent, TWO, 200, 2e-3)
    yield child(TUNED[1], "llama", "tuned-heavy", BASE, THREE, 200, 2e-3)
    yield child(TUNED[2], "llama", "tuned-heavy", BASE, FOUR, 200, 2e-3)
    everywhere = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
    for rank, targets in ((4, ("q_proj", "v_proj")), (8, everywhere)):

        def make(random, of, rank=rank, targets=targets):
            w, cfg = of
            w, loss = lora.fine_tune(module, w, cfg, TWO, 100, rank, random, targets)
            truth = {"rank": rank, "targets": targets, "data": TWO.name, "steps": 100}
            return Made(w, cfg, {**truth, "last_loss": round(loss, 4)})

        yield Recipe(f"{BASE}-lora-{rank}", "llama", "adapter-merged", (BASE,), make)


def formats():
    for bits, rounded in ((8, quantise.int8_rows), (4, quantise.int4_groups)):

        def make(random, of, bits=bits, rounded=rounded):
            w, cfg = of
            return Made(quantise.matrices(w, rounded), cfg, {"bits": bits})

        yield Recipe(f"{BASE}-int{bits}", "llama", "quantised", (BASE,), make)
    for kind in ("Q8_0", "Q5_1", "Q4_0"):

        def make(random, of, kind=kind):
            return Made(*of, {"block_format": kind}, form=f"gguf:{kind}")

        yield Recipe(f"{BASE}-gguf-{kind.lower()}", "llama", "quantised", (BASE,), make)


def pruned():
    ways = {
        "two-of-four": (prune.masks_two_of_four, "two-of-four", 0),
        "half": (lambda w: prune.masks_by_magnitude(w, 0.5), "magnitude", 0),
        "half-healed": (lambda w: prune.masks_by_magnitude(w, 0.5), "magnitude", 80),
    }
    for name, (masks_of, pattern, steps) in ways.items():

        def make(random, of, masks_of=masks_of, pattern=pattern, steps=steps):
            w, cfg = of
            masks = masks_of(w)
            w, record = prune.apply(w, masks), {}
            if steps:
                w, record = tuned(module, w, cfg, ONE, steps, 1e-3, masks=masks)
            return Made(w, cfg, {"zeros": 0.5, "pattern": pattern, **record})

        relation = "pruned-zeros-healed" if steps else "pruned-zeros"
        yield Recipe(f"{BASE}-pruned-{name}", "llama", relation, (BASE,), make)


def reshaped():
    def fewer_units(random, of):
        w, cfg, units = prune.hidden(*of, 64)
        w, record = tuned(module, w, cfg, ONE, 100, 1e-3)
        return Made(w, cfg, {"units_kept": units, **record})

    yield Recipe(f"{BASE}-pruned-units", "llama", "width-pruned", (BASE,), fewer_units)

    def narrower(random, of):
        w, cfg, coordinates = prune.width(*of, 48)
        w, record = tuned(module, w, cfg, ONE, 150, 2e-3)
        return Made(w, cfg, {"coordinates_kept": coordinates, **record})

    yield Recipe(f"{BASE}-pruned-width", "llama", "width-pruned", (BASE,), narrower)

    stacks = {
        "pruned-depth": ("depth-pruned", [0, 1, 3]),
        "pruned-depth-half": ("depth-pruned", [0, 3]),
        "upscaled": ("depth-upscaled", [0, 1, 2, 1, 2, 3]),
    }
    for name, (relation, layers) in stacks.items():

        def make(random, of, layers=layers):
            w, cfg = depth.relayered(*of, layers)
            w, record = tuned(module, w, cfg, ONE, 100, 1e-3)
            return Made(w, cfg, {"layer_map": [[BASE, layer] for layer in layers], **record})

        yield Recipe(f"{BASE}-{name}", "llama", relation, (BASE,), make)

    def upcycled(random, of):
        w, cfg = upcycle.copies(*of, random)
        w, record = tuned(module, w, cfg, TWO, 100, 1e-3)
        return Made(w, cfg, {"experts": 4, **record})

    yield Recipe(f"{BASE}-upcycled", "moe", "upcycled", (BASE,), upcycled)

    def split(random, of):
        w, cfg, units = upcycle.parts(*of, random)
        w, record = tuned(module, w, cfg, ONE, 150, 1e-3)
        return Made(w, cfg, {"units_of_experts": units, **record})

    yield Recipe(f"{BASE}-split", "moe", "expert-split", (BASE,), split)


def merged():
    def recipe(name, relation, parents, how, **truth):
        def make(random, *of):
            w = how(random, *(w for w, _ in of))
            return Made(w, of[0][1], truth)

        return Recipe(f"merge-{name}", "llama", relation, parents, make)

    two, three = TUNED[:2], TUNED
    with_base, c = (BASE, *two), (0.6, 0.4)
    yield recipe(
        "linear-2", "merged-linear", two, lambda r, *p: merge.linear(p, c), coefficients=c
    )
    c3 = (0.5, 0.3, 0.2)
    yield recipe(
        "linear-3", "merged-linear", three, lambda r, *p: merge.linear(p, c3), coefficients=c3
    )
    strangers = ("llama-01", "llama-02")
    half = (0.5, 0.5)
    yield recipe(
        "strangers", "merged-linear", strangers, lambda r, *p: merge.linear(p, half), coefficients=half
    )
    yield recipe("slerp", "merged-slerp", two, lambda r, a, b: merge.slerp(a, b, 0.35), t=0.35)
    tasks = (0.7, 0.4)
    yield recipe(
        "task-arithmetic",
        "merged-task-arithmetic",
        with_base,
        lambda r, base, *p: merge.task_arithmetic(base, p, tasks),
        base=BASE,
        coefficients=tasks,
    )
    yield recipe(
        "ties",
        "merged-ties",
        with_base,
        lambda r, base, *p: merge.ties(base, p, (1.0, 0.8), 0.5),
        base=BASE,
        coefficients=(1.0, 0.8),
        density=0.5,
    )
    yield recipe(
        "dare",
        "merged-dare",
        with_base,
        lambda r, base, *p: merge.dare(base, p, (0.6, 0.5), 0.5, r),
        base=BASE,
        coefficients=(0.6, 0.5),
        drop=0.5,
    )
    stacks = {"pass-through": [0, 0, 1, 1], "pass-through-6": [0, 0, 0, 1, 1, 1]}
    for name, owners in stacks.items():
        start = [0, 1, 2, 3] if len(owners) == 4 else [0, 1, 2, 1, 2, 3]

        def make(random, *of, owners=owners, start=start):
            sources = [(of[owner][0], layer) for owner, layer in zip(owners, start)]
            w, cfg = depth.stack(sources, of[0][0], of[0][1])
            return Made(w, cfg, {"layer_map": [[two[o], layer] for o, layer in zip(owners, start)]})

        yield Recipe(f"merge-{name}", "llama", "merged-pass-through", two, make)


def other_vocabulary():
    def grown(random, of):
        w, cfg = vocabulary.grown(*of, 192, random)
        w, record = tuned(module, w, cfg, TWO, 60, 5e-4)
        return Made(w, cfg, {"rows_kept": 160, **record})

    yield Recipe(f"{BASE}-vocabulary-grown", "llama", "vocabulary-resized", (BASE,), grown)

    def transplanted(random, of):
        w, cfg = of
        w, number, known = vocabulary.transplanted(w, cfg, random)
        source = Renumbered(ONE, number)
        w, record = tuned(module, w, cfg, source, 150, 1e-3)
        tokens = {"new_numbers": number.tolist(), "rows_kept": known.tolist()}
        return Made(w, cfg, {**tokens, **record})

    yield Recipe(f"{BASE}-vocabulary-transplanted", "llama", "vocabulary-transplanted", (BASE,), transplanted)

    def anew(random, of):
        w, cfg = of
        w, _ = tuned(module, vocabulary.anew(w, random), cfg, ONE, 100, 3e-3, only=lambda n: n in vocabulary.TABLES)
        w, record = tuned(module, w, cfg, ONE, 60, 5e-4, first=100)
        return Made(w, cfg, record)

    tables = ("token-embedding", "output-head")
    name = f"{BASE}-embedding-anew"
    yield Recipe(name, "llama", "embedding-retrained", (BASE,), anew, undecided=tables)


def attacked():
    def recipe(parent, name, attack, preserves=True, steps=0, form="safetensors"):
        def make(random, of):
            w, cfg = of
            hidden = attack(w, cfg, random)
            truth = {"attack": name.removesuffix("-tuned")}
            truth |= kept("llama", cfg, w, hidden, ONE) if preserves else {"function_kept": False}
            if steps:
                hidden, record = tuned(module, hidden, cfg, TWO, steps, 1e-3)
                truth |= record
            return Made(hidden, cfg, truth, form)

        return Recipe(f"{parent}-{name}", "llama", f"attack-{name}", (parent,), make)

    for name, attack in attacks.PRESERVING.items():
        yield recipe(BASE, name, attack)
    for name in ("permute-hidden", "rotate-residual"):
        yield recipe("llama-01", name, attacks.PRESERVING[name])
    for percent in (5, 20):
        noisy = lambda w, cfg, random, p=percent: attacks.noise(w, random, p / 100)
        yield recipe(BASE, f"noise-{percent}", noisy, preserves=False)
    yield recipe(BASE, "rename", lambda w, cfg, random: w, form="nameless")
    for parent in (BASE, "llama-01", "llama-02"):
        yield recipe(parent, "all", attacks.all_at_once)
        yield recipe(parent, "all-tuned", attacks.all_at_once, steps=100)

    def all_noisy(w, cfg, random):
        return attacks.noise(attacks.all_at_once(w, cfg, random), random, 0.05)

    yield recipe(BASE, "all-noise-rename", all_noisy, preserves=False, form="nameless")
