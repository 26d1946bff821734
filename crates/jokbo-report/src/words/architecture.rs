//! What is said of two configurations.

use crate::schema::{Combination, ConfigField};

/// What is said of them in one paragraph.
pub(crate) fn architecture(fields: &[ConfigField], combinations: &[Combination]) -> String {
    let n = |is: &str| fields.iter().filter(|field| field.is == is).count();
    let (differ, same) = (n("differs"), n("same"));
    let both = match differ + same {
        0 => "the two configurations have no field in common".to_owned(),
        1 if differ == 0 => "the one field that both configurations give agrees".to_owned(),
        1 => "the one field that both configurations give differs".to_owned(),
        both if differ == 0 => format!("all {both} fields that both configurations give agree"),
        both => {
            let verb = if differ == 1 { "differs" } else { "differ" };
            format!("{differ} of the {both} fields that both configurations give {verb}")
        }
    };
    let one_sided = match n("one-sided") {
        0 => String::new(),
        1 => "; 1 more is given on one side only".to_owned(),
        more => format!("; {more} more are given on one side only"),
    };
    let rare: String = combinations.iter().map(combination).collect();
    format!("{both}{one_sided}.{rare} Equal architecture is no evidence of shared weights.")
}

fn combination(c: &Combination) -> String {
    let of = if c.section.is_empty() { String::new() } else { format!(" of `{}`", c.section) };
    let Combination { kind, known, .. } = c;
    let kind = match kind.as_str() {
        "language" => "language-model",
        "vision" => "vision-encoder",
        _ => "audio-encoder",
    };
    let n = match c.alike.len() {
        0 => "none".to_owned(),
        n => n.to_string(),
    };
    format!(
        " The hidden size, layers, heads and MLP width{of} that both share occur in {n} of {known} \
         known {kind} configurations."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(is: &str) -> ConfigField {
        ConfigField {
            is: is.to_owned(),
            section: String::new(),
            group: "size".to_owned(),
            field: "hidden_size".to_owned(),
            suspect: None,
            reference: None,
        }
    }

    #[test]
    fn fields_are_counted_in_words() {
        let said = |is: &[&str]| {
            let fields: Vec<_> = is.iter().map(|is| field(is)).collect();
            architecture(&fields, &[]).split('.').next().unwrap().to_owned()
        };
        assert_eq!(said(&["same"; 9]), "all 9 fields that both configurations give agree");
        assert_eq!(
            said(&["differs", "same", "one-sided"]),
            "1 of the 2 fields that both configurations give differs; 1 more is given on one side \
             only"
        );
        assert_eq!(said(&["differs"]), "the one field that both configurations give differs");
        assert!(said(&["one-sided"; 2]).starts_with("the two configurations have no field in"));
    }

    #[test]
    fn a_combination_is_said_with_the_number_of_those_known() {
        let mut c = Combination {
            section: "vision".to_owned(),
            kind: "vision".to_owned(),
            known: 13,
            alike: vec!["a/b".to_owned(), "c/d".to_owned()],
        };
        assert_eq!(
            combination(&c),
            " The hidden size, layers, heads and MLP width of `vision` that both share occur in 2 of \
             13 known vision-encoder configurations."
        );
        c.alike.clear();
        assert!(combination(&c).contains("occur in none of 13 known"));
    }
}
