"""Cosine and Pearson of every pair of tensors as one would write them with PyTorch, in float32 and
with a thread for each core.

    python with_torch.py A.safetensors B.safetensors
"""

import os
import sys

import torch
from safetensors import safe_open


def main() -> None:
    torch.set_num_threads(os.cpu_count())
    with safe_open(sys.argv[1], "pt") as one, safe_open(sys.argv[2], "pt") as other:
        for name in one.keys():
            a = one.get_tensor(name).float().flatten()
            b = other.get_tensor(name).float().flatten()
            cosine = torch.nn.functional.cosine_similarity(a, b, dim=0)
            pearson = torch.corrcoef(torch.stack([a, b]))[0, 1]
            print(f"{name} {cosine:.6f} {pearson:.6f}")


main()
