//! A model card: front matter between two lines of dashes, then prose.

use crate::{Said, front_matter, prose};

/// The line before and after front matter.
const FENCE: &str = "---";

/// Reads a card of these lines, and says on which of them prose begins, counted from 0.
pub(crate) fn read(file: &str, lines: &[String], said: &mut Said) -> usize {
    let prose = fields(file, lines, said);
    said.claims.extend(prose::read(file, lines, prose));
    prose
}

/// Reads the front matter, and says on which line it is over.
fn fields(file: &str, lines: &[String], said: &mut Said) -> usize {
    let begins = lines.first().is_some_and(|line| line.trim_end() == FENCE);
    if !begins {
        said.silences.push(format!("{file} has no front matter (a first line of `---`)"));
        return 0;
    }
    let Some(ends) = lines.iter().skip(1).position(|line| line.trim_end() == FENCE) else {
        said.silences.push(format!(
            "{file}: the front matter that begins at line 1 never ends, so no field of it was read"
        ));
        return 1;
    };
    match front_matter::read(file, &lines[1..=ends]) {
        Ok(claims) => said.claims.extend(claims),
        Err(why) => said.silences.push(why),
    }
    ends + 2
}
