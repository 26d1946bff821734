"""Layers dropped, repeated, or taken from several networks."""


def of_layer(w: dict, layer: int) -> dict:
    at = f"model.layers.{layer}."
    return {name.removeprefix(at): x for name, x in w.items() if name.startswith(at)}


def stack(sources: list[tuple[dict, int]], rest: dict, cfg: dict):
    """A network whose layers are those of `sources` (weights, layer); the rest is that of `rest`."""
    out = {name: x for name, x in rest.items() if not name.startswith("model.layers.")}
    for new, (w, old) in enumerate(sources):
        for name, x in of_layer(w, old).items():
            out[f"model.layers.{new}.{name}"] = x
    return out, {**cfg, "num_hidden_layers": len(sources)}


def relayered(w: dict, cfg: dict, layers: list[int]):
    return stack([(w, layer) for layer in layers], w, cfg)
