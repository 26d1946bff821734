//! `cargo xtask schema`: the contracts of the JSON reports, as JSON Schemas.

use crate::generated::{self, Mode};

/// Where the contracts are kept. A name changes only with a new version of the contract.
const PATH: &str = "schema/report-v1.json";
const FAMILY_PATH: &str = "schema/tree-v1.json";

/// Writes or compares the schemas.
pub(crate) fn run(mode: Mode) -> anyhow::Result<()> {
    generated::settle("schema", PATH, &jokbo_report::json_schema(), mode)?;
    generated::settle("schema", FAMILY_PATH, &jokbo_report::family_json_schema(), mode)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_after_the_version_of_its_contract() {
        for (path, schema) in
            [(PATH, jokbo_report::SCHEMA), (FAMILY_PATH, jokbo_report::FAMILY_SCHEMA)]
        {
            let named = schema.trim_start_matches("jokbo/").replace('/', "-");
            assert_eq!(path, format!("schema/{named}.json"));
        }
    }
}
