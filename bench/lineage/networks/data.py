"""What the networks learn from: text, pictures and sound, made from seeds, one batch a step.

A batch depends on the seed of the source and the number of the step alone, so networks that read the
same source see the same batches in the same order, whatever their own seed is.
"""

import numpy as np
import torch

VOCABULARY, KINDS = 160, 24
BATCH, LENGTH = 16, 32
CLASSES, SIDE, CHANNELS = 16, 16, 3
STATES, MELS, FRAMES = 12, 16, 64


class Text:
    """Order-2 Markov text: the next token depends on the last and on the one before it.

    Both enter through their kind, of which there are KINDS, so that a short training learns much.
    """

    def __init__(self, seed: int):
        random = np.random.default_rng([seed, 0])
        frequency = 1 / np.arange(1, VOCABULARY + 1)

        def table():
            rows = random.gamma(0.01 + 0.3 * frequency, size=(KINDS, VOCABULARY)) + 1e-5
            rows /= rows.sum(1, keepdims=True)
            return 0.5 * rows[random.integers(0, KINDS, VOCABULARY)].cumsum(1)

        self.name, self.seed = f"text-{seed}", seed
        self.last, self.before = table(), table()

    def tokens(self, random, first) -> np.ndarray:
        """Token numbers `[len(first), LENGTH + 1]` that begin with `first`."""
        out = np.zeros((len(first), LENGTH + 1), dtype=np.int64)
        out[:, 0] = first
        for at in range(1, LENGTH + 1):
            sums = self.last[out[:, at - 1]] + self.before[out[:, max(at - 2, 0)]]
            out[:, at] = (sums < random.random((len(first), 1))).sum(1)
        return out.clip(max=VOCABULARY - 1)

    def batch(self, step: int) -> torch.Tensor:
        random = np.random.default_rng([self.seed, 1, step])
        return torch.from_numpy(self.tokens(random, random.integers(0, VOCABULARY, BATCH)))


class Renumbered:
    """A text under another tokenizer: `number[t]` is the new number of token `t`."""

    def __init__(self, text: Text, number: np.ndarray):
        self.text, self.number = text, torch.from_numpy(number)
        self.name = f"{text.name}, other token numbers"

    def batch(self, step: int) -> torch.Tensor:
        return self.number[self.text.batch(step)]


class Pictures:
    """Sixteen kinds of texture, each shifted and drowned in noise at random: `[BATCH, 3, 16, 16]`."""

    def __init__(self, seed: int):
        random = np.random.default_rng([seed, 10])
        spectrum = random.standard_normal((CLASSES, CHANNELS, 4, 4)) + 1j * random.standard_normal(
            (CLASSES, CHANNELS, 4, 4)
        )
        whole = np.zeros((CLASSES, CHANNELS, SIDE, SIDE), dtype=complex)
        whole[..., :4, :4] = spectrum
        kinds = np.fft.ifft2(whole).real
        self.kinds = kinds / kinds.std((1, 2, 3), keepdims=True)
        self.name, self.seed = f"pictures-{seed}", seed

    def batch(self, step: int):
        random = np.random.default_rng([self.seed, 11, step])
        labels = random.integers(0, CLASSES, 2 * BATCH)
        shifts = random.integers(0, SIDE, (2 * BATCH, 2))
        rows = [np.roll(self.kinds[c], tuple(s), (1, 2)) for c, s in zip(labels, shifts)]
        images = np.stack(rows) + 2 * random.standard_normal((2 * BATCH, CHANNELS, SIDE, SIDE))
        return torch.from_numpy(images.astype(np.float32)), torch.from_numpy(labels)


class Sound:
    """Mel frames of a chain of states with one spectrum each: `[BATCH, 16, 64]`, and the states."""

    def __init__(self, seed: int):
        random = np.random.default_rng([seed, 20])
        self.spectra = random.standard_normal((STATES, MELS)).astype(np.float32)
        self.follow = random.dirichlet(np.full(STATES, 0.3), STATES).cumsum(1)
        self.name, self.seed = f"sound-{seed}", seed

    def batch(self, step: int):
        random = np.random.default_rng([self.seed, 21, step])
        states = np.zeros((BATCH, FRAMES), dtype=np.int64)
        states[:, 0] = random.integers(0, STATES, BATCH)
        for at in range(1, FRAMES):
            drawn = (self.follow[states[:, at - 1]] < random.random((BATCH, 1))).sum(1)
            change = random.random(BATCH) < 0.4
            states[:, at] = np.where(change, drawn, states[:, at - 1]).clip(max=STATES - 1)
        noise = random.standard_normal((BATCH, FRAMES, MELS)).astype(np.float32)
        frames = self.spectra[states] + 1.5 * noise
        return torch.from_numpy(frames.transpose(0, 2, 1).copy()), torch.from_numpy(states)


class Captions:
    """Pictures, and text whose first token names the kind of picture."""

    def __init__(self, seed: int):
        self.pictures, self.text = Pictures(seed), Text(seed)
        self.name = f"captions-{seed}"

    def batch(self, step: int):
        images, labels = self.pictures.batch(step)
        random = np.random.default_rng([self.text.seed, 31, step])
        images, labels = images[:BATCH], labels[:BATCH].numpy()
        return images, torch.from_numpy(self.text.tokens(random, 3 * labels + 1))
