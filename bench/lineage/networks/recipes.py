"""The zoo: every network by name, in the order of its making."""

from . import recipes_llama, recipes_others


def all_recipes() -> dict:
    listed = recipes_llama.recipes() + recipes_others.recipes()
    by_name = {recipe.name: recipe for recipe in listed}
    assert len(by_name) == len(listed), "two networks have one name"
    return by_name
