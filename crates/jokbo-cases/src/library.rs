//! The recipes that are part of the program.

use crate::{Case, Error};

/// Name and recipe of every folder of `cases/`.
const CASES: &[(&str, &str)] = &[
    ("borrowed-encoder", include_str!("../../../cases/borrowed-encoder/recipe.toml")),
    ("chain", include_str!("../../../cases/chain/recipe.toml")),
    ("depth-upscaled", include_str!("../../../cases/depth-upscaled/recipe.toml")),
    ("energy-curve", include_str!("../../../cases/energy-curve/recipe.toml")),
    ("false-accusation", include_str!("../../../cases/false-accusation/recipe.toml")),
    ("omni-modal", include_str!("../../../cases/omni-modal/recipe.toml")),
    ("own-encoder", include_str!("../../../cases/own-encoder/recipe.toml")),
    ("positive-control", include_str!("../../../cases/positive-control/recipe.toml")),
    ("pruned", include_str!("../../../cases/pruned/recipe.toml")),
    ("renamed", include_str!("../../../cases/renamed/recipe.toml")),
    ("towers", include_str!("../../../cases/towers/recipe.toml")),
    ("upcycled", include_str!("../../../cases/upcycled/recipe.toml")),
];

/// All cases, by name.
pub fn all() -> Result<Vec<Case>, Error> {
    let read = |(name, text): &(&str, &str)| {
        let recipe = toml::from_str(text)
            .map_err(|source| Error::Toml { case: (*name).to_owned(), source })?;
        Ok(Case { name: (*name).to_owned(), recipe })
    };
    CASES.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
    fn every_folder_of_cases_is_a_case_with_a_page() {
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../cases"));
        let mut found = BTreeSet::new();
        for entry in std::fs::read_dir(root).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                assert!(path.join("README.md").is_file(), "{} has no page", path.display());
                found.insert(path.file_name().unwrap().to_str().unwrap().to_owned());
            }
        }
        let listed: BTreeSet<String> = CASES.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(found, listed);
    }

    #[test]
    fn every_recipe_names_models_that_it_makes_and_expects_something() {
        for case in all().unwrap() {
            let models = &case.recipe.models;
            let named = case.recipe.references.iter().chain([&case.recipe.suspect]);
            for model in named.chain(case.recipe.expect.iter().map(|e| &e.reference)) {
                assert!(models.contains_key(model), "{}: {model}", case.name);
            }
            assert!(!case.recipe.expect.is_empty());
        }
    }
}
