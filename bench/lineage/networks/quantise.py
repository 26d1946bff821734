"""Rounded copies: what int8 by rows and int4 by groups of 32 leave, written back as bf16."""

import torch


def int8_rows(x: torch.Tensor) -> torch.Tensor:
    scale = x.abs().amax(-1, keepdim=True) / 127
    return (x / scale).round().clamp(-127, 127) * scale


def int4_groups(x: torch.Tensor, group: int = 32) -> torch.Tensor:
    parts = x.reshape(-1, group)
    scale = parts.abs().amax(-1, keepdim=True) / 7
    return ((parts / scale).round().clamp(-7, 7) * scale).reshape(x.shape)


def matrices(w: dict, rounded) -> dict:
    return {name: rounded(x) if "_proj" in name else x for name, x in w.items()}
