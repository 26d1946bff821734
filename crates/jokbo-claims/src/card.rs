//! A model card: front matter between two lines of dashes, then prose.

use crate::{Said, front_matter, prose};

/// The line before and after front matter.
const FENCE: &str = "---";

/// Reads a card of these lines.
pub(crate) fn read(file: &str, lines: &[String], said: &mut Said) {
    let begins = lines.first().is_some_and(|line| line.trim_end() == FENCE);
    if !begins {
        said.silences.push(format!("{file} has no front matter (a first line of `---`)"));
        said.claims.extend(prose::read(file, lines, 0));
        return;
    }
    let Some(ends) = lines.iter().skip(1).position(|line| line.trim_end() == FENCE) else {
        said.silences.push(format!(
            "{file}: the front matter that begins at line 1 never ends, so no field of it was read"
        ));
        said.claims.extend(prose::read(file, lines, 1));
        return;
    };
    match front_matter::read(file, &lines[1..=ends]) {
        Ok(claims) => said.claims.extend(claims),
        Err(why) => said.silences.push(why),
    }
    said.claims.extend(prose::read(file, lines, ends + 2));
}
