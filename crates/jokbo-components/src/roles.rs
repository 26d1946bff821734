//! `data/roles.toml`: what each role's rows and columns number.

use std::collections::BTreeMap;

use serde::Deserialize;
use thiserror::Error;

use crate::{Axis, ComponentName};

/// Why one of the data files cannot be used. Only a change to the files can cause it.
#[derive(Debug, Error)]
pub(crate) enum DataError {
    #[error("{file} is not what it should be")]
    Toml { file: String, source: toml::de::Error },
    #[error("{file}: {what}")]
    Meaning { file: String, what: String },
}

impl DataError {
    pub(crate) fn meaning(file: &str, what: String) -> Self {
        Self::Meaning { file: file.to_owned(), what }
    }
}

/// One role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Role {
    pub(crate) rows: Axis,
    pub(crate) cols: Axis,
    /// The component it belongs to whatever its family says.
    pub(crate) component: Option<ComponentName>,
    /// Models that differ in their number of rows still answer to each other.
    pub(crate) resizable: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    rows: String,
    cols: String,
    component: Option<String>,
    #[serde(default)]
    resizable: bool,
}

/// Reads the roles by name.
pub(crate) fn read(file: &str, text: &str) -> Result<BTreeMap<String, Role>, DataError> {
    let stored: BTreeMap<String, Stored> =
        toml::from_str(text).map_err(|source| DataError::Toml { file: file.to_owned(), source })?;
    stored
        .into_iter()
        .map(|(name, role)| {
            let axis = |text: &str| {
                axis(text).ok_or_else(|| DataError::meaning(file, format!("{name}: axis {text:?}")))
            };
            let (rows, cols) = (axis(&role.rows)?, axis(&role.cols)?);
            let component =
                role.component.as_deref().map(|text| component(file, text)).transpose()?;
            Ok((name, Role { rows, cols, component, resizable: role.resizable }))
        })
        .collect()
}

fn axis(text: &str) -> Option<Axis> {
    match text {
        "fixed" => Some(Axis::Fixed),
        "residual" => Some(Axis::Residual),
        _ => {
            let group = text.strip_prefix("units:").filter(|group| !group.is_empty())?;
            Some(Axis::Units(group.to_owned()))
        }
    }
}

/// The component a data file means: the word it is displayed by.
pub(crate) fn component(file: &str, text: &str) -> Result<ComponentName, DataError> {
    ComponentName::parse(text)
        .ok_or_else(|| DataError::meaning(file, format!("no component is called {text:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_says_what_its_axes_number() {
        let roles = read("t", "[a]\nrows = \"units:mlp\"\ncols = \"residual\"").unwrap();
        assert_eq!(roles["a"].rows, Axis::Units("mlp".to_owned()));
        assert_eq!(roles["a"].cols, Axis::Residual);
        assert_eq!(roles["a"].component, None);
    }

    #[test]
    fn a_misspelt_role_is_refused_with_its_name() {
        for (text, says) in [
            ("[a]\nrows = \"units:\"\ncols = \"fixed\"", "t: a: axis \"units:\""),
            (
                "[a]\nrows = \"fixed\"\ncols = \"fixed\"\ncomponent = \"x\"",
                "t: no component is called \"x\"",
            ),
            ("[a]\nrows = \"fixed\"", "t is not what it should be"),
            ("[a]\nrows = \"fixed\"\ncols = \"fixed\"\nsize = 1", "t is not what it should be"),
        ] {
            assert_eq!(read("t", text).unwrap_err().to_string(), says);
        }
    }
}
