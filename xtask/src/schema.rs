//! `cargo xtask schema`: the contract of the JSON report, as a JSON Schema.

use crate::generated::{self, Mode};

/// Where the contract is kept. Its name changes only with a new version of the contract.
const PATH: &str = "schema/report-v1.json";

/// Writes or compares the schema.
pub(crate) fn run(mode: Mode) -> anyhow::Result<()> {
    generated::settle("schema", PATH, &jokbo_report::json_schema(), mode)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_named_after_the_version_of_the_contract() {
        let named = jokbo_report::SCHEMA.trim_start_matches("jokbo/").replace('/', "-");
        assert_eq!(PATH, format!("schema/{named}.json"));
    }
}
