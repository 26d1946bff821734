//! What the safetensors library itself would say of a file that was read.

use ::safetensors::SafeTensorError;
use ::safetensors::tensor::Metadata;

use crate::json::said;
use crate::limits::LIBRARY_LIMIT;
use crate::oddity::Oddities;

/// Tells when the library would refuse a file with this header text and `data` bytes after it.
///
/// Most programs open a file through that library, so a file that it refuses was written, or
/// changed afterwards, by something else.
pub(super) fn ask(text: &str, data: u64, oddities: &mut Oddities) {
    if u64::try_from(text.len()).map_or(true, |length| LIBRARY_LIMIT < length) {
        let what = format_args!(
            "the header has {} bytes, more than the {LIBRARY_LIMIT} up to which the safetensors library is asked too",
            text.len()
        );
        oddities.tell("long headers", None, what);
    } else if let Some(refusal) = refusal(text, data) {
        let what = format_args!("the safetensors library would refuse this file: {refusal}");
        oddities.tell("refusals of the library", None, what);
    }
}

fn refusal(text: &str, data: u64) -> Option<String> {
    match serde_json::from_str::<Metadata>(text) {
        Err(error) => Some(said(&error)),
        Ok(metadata) if u64::try_from(metadata.data_len()) != Ok(data) => {
            Some(SafeTensorError::MetadataIncompleteBuffer.to_string())
        }
        Ok(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn tells(text: &str, data: u64, want: &[&str]) {
        let mut oddities = Oddities::of("m");
        ask(text, data, &mut oddities);
        let list: Vec<_> = oddities.into_list().into_iter().map(|oddity| oddity.what).collect();
        assert_eq!(list, want);
    }

    const ONE: &str = r#"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#;

    #[test]
    fn a_file_that_the_library_accepts_is_nothing_to_tell() {
        tells(ONE, 4, &[]);
    }

    #[test]
    fn the_librarys_own_words_are_passed_on() {
        let refused = "the safetensors library would refuse this file: ";
        tells(ONE, 5, &[&format!("{refused}incomplete metadata, file not fully covered")]);
        tells(
            &ONE.replace("[0,4]", "[1,5]"),
            5,
            &[&format!("{refused}invalid offset for tensor `a`")],
        );
    }

    #[test]
    fn a_very_long_header_is_not_shown_to_the_library_and_that_is_told() {
        let long = format!("{ONE}{}", " ".repeat(4 << 20));
        tells(
            &long,
            4,
            &[
                "the header has 4194357 bytes, more than the 4194304 up to which the safetensors library is asked too",
            ],
        );
    }
}
