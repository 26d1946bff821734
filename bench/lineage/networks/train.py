"""AdamW with warm-up and a cosine, in one thread, so that a seed gives one network."""

import math

import torch

WARM_UP, DECAY = 40, 0.01


def train(family, w, cfg, source, steps, rate=3e-3, first=0, only=None, masks=None):
    """Trains on the batches `first ..` of `source`; returns the weights and the mean last loss.

    `only(name)` says which tensors move; `masks` are multiplied in after every step (what was pruned
    stays zero). The state of the optimiser starts fresh.
    """
    w = {name: x.detach().clone() for name, x in w.items()}
    moving = [n for n in w if n not in family.FROZEN and (only is None or only(n))]
    for name in moving:
        w[name].requires_grad_()
    matrices = [w[n] for n in moving if 1 < w[n].ndim]
    vectors = [w[n] for n in moving if w[n].ndim <= 1]
    groups = [
        {"params": matrices, "weight_decay": DECAY},
        {"params": vectors, "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.99), foreach=True)
    warm_up, losses = min(WARM_UP, max(1, steps // 5)), []
    for step in range(steps):
        along = max(0.0, (step - warm_up) / max(1, steps - warm_up))
        scale = min(1, (step + 1) / warm_up) * (0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * along)))
        for group in optimiser.param_groups:
            group["lr"] = rate * scale
        optimiser.zero_grad(set_to_none=True)
        loss = family.loss(w, cfg, source.batch(first + step))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(matrices + vectors, 1.0, foreach=True)
        optimiser.step()
        if masks:
            with torch.no_grad():
                for name, mask in masks.items():
                    w[name].mul_(mask)
        losses.append(loss.item())
    last = losses[-20:]
    return {n: x.detach() for n, x in w.items()}, sum(last) / len(last)


@torch.no_grad()
def held_out(family, w, cfg, source, batches=8):
    """Mean loss on batches that nobody trains on."""
    losses = [family.loss(w, cfg, source.batch(10**9 + k)).item() for k in range(batches)]
    return sum(losses) / len(losses)
