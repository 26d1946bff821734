"""Cosine and Pearson of every pair of tensors as one would write them with NumPy.

    python with_numpy.py A.safetensors B.safetensors
"""

import sys

import ml_dtypes  # noqa: F401, without it NumPy knows no bfloat16
import numpy as np
from safetensors import safe_open


def main() -> None:
    with safe_open(sys.argv[1], "np") as one, safe_open(sys.argv[2], "np") as other:
        for name in one.keys():
            a = one.get_tensor(name).astype(np.float32).ravel()
            b = other.get_tensor(name).astype(np.float32).ravel()
            cosine = a @ b / (np.linalg.norm(a) * np.linalg.norm(b))
            pearson = np.corrcoef(a, b)[0, 1]
            print(f"{name} {cosine:.6f} {pearson:.6f}")


main()
