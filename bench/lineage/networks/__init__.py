"""Small trained networks whose ancestry is known: one idea a file, `recipes.py` is the list."""
