"""The other families: independent networks, and a few children of the first of each."""

from . import attacks, llama, vit, vlm, whisper
from .data import Captions, Pictures, Sound, Text
from .recipe import Made, Recipe, child, kept, scratch, tuned
from .reorder import CHANNELS, HEADS, HIDDEN, RESIDUAL, permute

SEEDS, STEPS = 8, 250
SOURCES = {
    "gpt2": (Text(1), Text(2)),
    "bert": (Text(1), Text(2)),
    "moe": (Text(1), Text(2)),
    "vit": (Pictures(1), Pictures(2)),
    "whisper": (Sound(1), Sound(2)),
}


def recipes() -> list[Recipe]:
    dense = [recipe for family in ("gpt2", "bert", "vit", "whisper") for recipe in plain(family)]
    return [*dense, *experts(), *captioning()]


def plain(family: str):
    one, two = SOURCES[family]
    base = f"{family}-00"
    for seed in range(SEEDS):
        yield scratch(f"{family}-{seed:02}", family, seed, one, STEPS)
    name = f"{base}-same-start-other-data"
    yield scratch(name, family, 0, two, STEPS, relation="common-initialisation")
    head = (lambda random, w: whisper.with_head(w, 100)) if family == "whisper" else None
    yield child(f"{base}-tuned-light", family, "tuned-light", base, two, 60, 1e-4, prepare=head)
    yield child(f"{base}-tuned-heavy", family, "tuned-heavy", base, two, 200, 2e-3, prepare=head)
    kinds = {HIDDEN, HEADS, CHANNELS} if family == "whisper" else {HIDDEN, HEADS, RESIDUAL}
    heads = {"gpt2": "n_head", "whisper": "encoder_attention_heads"}
    for name, these in (("permute-hidden", {HIDDEN}), ("permute-all", kinds)):

        def make(random, of, name=name, these=these):
            w, cfg = of
            n_heads = cfg[heads.get(family, "num_attention_heads")]
            hidden = permute(w, family, n_heads, random, these)
            return Made(hidden, cfg, {"attack": name, **kept(family, cfg, w, hidden, one)})

        yield Recipe(f"{base}-{name}", family, f"attack-{name}", (base,), make)


def experts():
    one, two = SOURCES["moe"]
    base = "moe-00"
    for seed in range(SEEDS):
        cfg = llama.moe_config() if seed < 6 else llama.qwen_moe_config(intermediate_size=64, num_hidden_layers=2)
        yield scratch(f"moe-{seed:02}", "moe", seed, one, STEPS, cfg=cfg)
    cfg = llama.moe_config()
    name = f"{base}-same-start-other-data"
    yield scratch(name, "moe", 0, two, STEPS, cfg=cfg, relation="common-initialisation")
    yield child(f"{base}-tuned-heavy", "moe", "tuned-heavy", base, two, 200, 2e-3)

    def permuted(random, of):
        w, cfg = of
        hidden, orders = attacks.permute_experts(w, cfg, random)
        return Made(hidden, cfg, {"expert_map": orders, **kept("moe", cfg, w, hidden, one)})

    yield Recipe(f"{base}-permute-experts", "moe", "attack-permute-experts", (base,), permuted)

    def all_at_once(random, of, steps=0):
        w, cfg = of
        hidden, orders = attacks.permute_experts(w, cfg, random)
        hidden = attacks.all_at_once(hidden, cfg, random)
        truth = {"expert_map": orders, **kept("moe", cfg, w, hidden, one)}
        if steps:
            hidden, record = tuned(llama, hidden, cfg, two, steps, 1e-3)
            truth |= record
        return Made(hidden, cfg, truth)

    yield Recipe(f"{base}-all", "moe", "attack-all", (base,), all_at_once)

    def then_tuned(random, of):
        return all_at_once(random, of, steps=100)

    yield Recipe(f"{base}-all-tuned", "moe", "attack-all-tuned", (base,), then_tuned)


def captioning():
    source = Captions(1)
    cfg = vlm.config()
    language = ("language-model", "output-head", "token-embedding")

    def recipe(name, relation, build, steps, rate, parents, drawn, of):
        def make(random, *given):
            w, record = tuned(vlm, build(given), cfg, source, steps, rate)
            return Made(w, cfg, record)

        own = {**drawn, "projector": f"{name}/projector"}
        return Recipe(name, "vlm", relation, parents, make, own, of)

    def own_language(seed):
        return {c: f"llama/{seed}" for c in language}

    seeing = {"vision-encoder": ("vit-00",)}
    talking = {c: ("llama-03",) for c in language}
    yield recipe(
        "vlm-of-two",
        "vlm-of-parents",
        lambda given: vlm.build(given[0][0], given[1][0], cfg, 0),
        150,
        1e-3,
        ("llama-03", "vit-00"),
        {},
        {**talking, **seeing},
    )
    yield recipe(
        "vlm-own-language",
        "vlm-vision-copied",
        lambda given: vlm.build(llama.initial(cfg["text_config"], 20), given[0][0], cfg, 1),
        STEPS,
        3e-3,
        ("vit-00",),
        own_language(20),
        seeing,
    )
    for seed in (21, 22):
        yield recipe(
            f"vlm-own-{seed}",
            "from-scratch",
            lambda given, seed=seed: vlm.build(
                llama.initial(cfg["text_config"], seed), vit.initial(vit.config(), seed), cfg, seed
            ),
            STEPS,
            3e-3,
            (),
            {**own_language(seed), "vision-encoder": f"vit/{seed}"},
            {},
        )
    yield child("vlm-of-two-tuned", "vlm", "tuned-heavy", "vlm-of-two", Captions(2), 100, 2e-3)
