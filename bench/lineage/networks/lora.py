"""A low-rank adapter, trained while the rest stands still, then added in."""

import torch

from .train import train


class Adapted:
    """A family seen through adapters on its attention and MLP projections."""

    def __init__(self, family, frozen: dict, rank: int, targets):
        self.family, self.frozen, self.rank = family, frozen, rank
        self.names = [name for name in frozen if any(t in name for t in targets)]
        self.FROZEN = ()

    def initial(self, random) -> dict:
        w = {}
        for name in self.names:
            rows, cols = self.frozen[name].shape
            down = 0.1 * random.standard_normal((self.rank, cols))
            w[f"{name}.a"] = torch.from_numpy(down).float()
            w[f"{name}.b"] = torch.zeros(rows, self.rank)
        return w

    def merged(self, adapter: dict) -> dict:
        new = {n: self.frozen[n] + adapter[f"{n}.b"] @ adapter[f"{n}.a"] for n in self.names}
        return {**self.frozen, **new}

    def loss(self, adapter, cfg, batch):
        return self.family.loss(self.merged(adapter), cfg, batch)


def fine_tune(family, w, cfg, source, steps, rank, random, targets=("q_proj", "v_proj")):
    adapted = Adapted(family, w, rank, targets)
    adapter, loss = train(adapted, adapted.initial(random), cfg, source, steps, rate=5e-3)
    return adapted.merged(adapter), loss
