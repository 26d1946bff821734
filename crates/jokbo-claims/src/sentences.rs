//! A card taken apart into sentences; program text left out.

/// What opens and closes a block of program text.
const BLOCKS: [&str; 2] = ["```", "~~~"];

/// What a line begins with that goes on with nothing before it: headings, lists, tables, quotations.
const BEGINS: [&str; 7] = ["#", "- ", "* ", "+ ", "|", ">", "<"];

/// The sentences of `lines` from line `from` on, each with the line it begins on, counted from 0.
///
/// Lines of one paragraph are joined by spaces, since cards break lines within sentences. Blocks of
/// program text are left out: what stands there is run, not claimed.
pub(crate) fn sentences(lines: &[String], from: usize) -> Vec<(usize, String)> {
    let mut inside: Option<&str> = None;
    let mut paragraph = Paragraph::default();
    let mut all = Vec::new();
    for (k, line) in lines.iter().enumerate().skip(from) {
        let start = line.trim();
        let fence = BLOCKS.into_iter().find(|mark| start.starts_with(mark));
        if inside.is_some() || fence.is_some() || start.is_empty() || begins(start) {
            paragraph.end(&mut all);
        }
        match (inside, fence) {
            (Some(open), Some(mark)) if open == mark => inside = None,
            (None, Some(mark)) => inside = Some(mark),
            (None, None) => paragraph.add(k, start),
            (Some(_), _) => {}
        }
        // A heading or a row of a table ends with its line.
        if start.starts_with(['#', '|']) {
            paragraph.end(&mut all);
        }
    }
    paragraph.end(&mut all);
    all
}

fn begins(line: &str) -> bool {
    let number = line.find(|c: char| !c.is_ascii_digit()).unwrap_or(0);
    let is_numbered = 0 < number && line[number..].starts_with(['.', ')']);
    is_numbered || BEGINS.iter().any(|mark| line.starts_with(mark))
}

/// Lines joined so far, and where each of them begins.
#[derive(Debug, Default)]
struct Paragraph {
    text: String,
    begins: Vec<(usize, usize)>,
}

impl Paragraph {
    fn add(&mut self, line: usize, text: &str) {
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.begins.push((self.text.len(), line));
        self.text.push_str(text);
    }

    fn end(&mut self, all: &mut Vec<(usize, String)>) {
        for (at, sentence) in split(&self.text) {
            let line = self.begins.iter().rev().find(|(begin, _)| *begin <= at);
            all.push((line.map_or(0, |(_, line)| *line), sentence.to_owned()));
        }
        *self = Self::default();
    }
}

/// A text at full stops, question and exclamation marks that a space or nothing follows, each piece
/// with its place.
fn split(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut ends = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|&(_, next)| next);
        let is_end = match c {
            '.' | '!' | '?' => next.is_none_or(char::is_whitespace),
            '。' | '！' | '？' => true,
            _ => false,
        };
        if is_end {
            ends.push(at + c.len_utf8());
        }
    }
    ends.push(text.len());
    let mut begin = 0;
    ends.into_iter().filter_map(move |end| {
        let piece = text.get(begin..end)?;
        let at = begin + (piece.len() - piece.trim_start().len());
        begin = end;
        let piece = piece.trim();
        (!piece.is_empty()).then_some((at, piece))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<(usize, String)> {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        sentences(&lines, 0)
    }

    #[track_caller]
    fn are(text: &str, want: &[(usize, &str)]) {
        let want: Vec<_> = want.iter().map(|(line, text)| (*line, (*text).to_owned())).collect();
        assert_eq!(of(text), want);
    }

    #[test]
    fn sentences_end_where_a_space_follows() {
        are(
            "Qwen2.5-VL is used. We trained it! 그렇다. v1.0",
            &[(0, "Qwen2.5-VL is used."), (0, "We trained it!"), (0, "그렇다."), (0, "v1.0")],
        );
    }

    #[test]
    fn a_sentence_goes_on_over_lines_and_has_the_line_it_begins_on() {
        are(
            "One. The encoder is\nfrom B. Two\n\nThree",
            &[(0, "One."), (0, "The encoder is from B."), (1, "Two"), (3, "Three")],
        );
        are(
            "# A\nb\n- c\n- d\n| e | f |\ng",
            &[(0, "# A"), (1, "b"), (2, "- c"), (3, "- d"), (4, "| e | f |"), (5, "g")],
        );
    }

    #[test]
    fn program_text_says_nothing() {
        are("a\n```bash\nb\n~~~\n```\nc", &[(0, "a"), (5, "c")]);
    }
}
