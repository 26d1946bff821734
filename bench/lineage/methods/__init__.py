"""Other ways to compare two networks, each in a few lines: what `jokbo` is held against."""
