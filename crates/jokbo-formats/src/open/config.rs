//! `config.json` beside the weights: read when it can be, and told when it cannot.

use serde_json::Value;

use super::fence::Fence;
use crate::json::said;
use crate::limits::CONFIG_LIMIT;
use crate::oddity::Oddities;
use crate::{Oddity, ReadAt};

const NAME: &str = "config.json";

/// The configuration in the fenced folder. Nothing about it is an error: the weights can be read
/// without it.
pub(super) fn read(fence: &Fence) -> (Option<Value>, Vec<Oddity>) {
    match fence.open(NAME) {
        Ok(None) => (None, Vec::new()),
        Ok(Some(file)) => match parse(&file) {
            Ok(config) => (Some(config), Vec::new()),
            Err(what) => (None, tell(&what)),
        },
        Err(error) => (None, tell(&format!("is not read: {}", error.kind()))),
    }
}

fn tell(what: &str) -> Vec<Oddity> {
    let mut told = Oddities::of(NAME);
    told.tell("configurations", None, what);
    told.into_list()
}

fn parse(file: &dyn ReadAt) -> Result<Value, String> {
    let has = file.len();
    let length = match usize::try_from(has) {
        Ok(length) if has <= CONFIG_LIMIT => length,
        _ => {
            return Err(format!(
                "is not read: it has {has} bytes, and the limit is {CONFIG_LIMIT}"
            ));
        }
    };
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, 0).map_err(|error| format!("is not read: {}", error))?;
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(object)) => Ok(Value::Object(object)),
        Ok(_) => Err("is not read: it is not an object".to_owned()),
        Err(error) => Err(format!(
            "is not read: it is not JSON at line {} column {}: {}",
            error.line(),
            error.column(),
            said(&error)
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Memory;

    #[track_caller]
    fn fails(text: &str, want: &str) {
        assert_eq!(parse(&Memory(text.as_bytes().to_vec())).unwrap_err(), want);
    }

    #[test]
    fn a_configuration_is_an_object() {
        let config = parse(&Memory(br#"{"hidden_size":8}"#.to_vec())).unwrap();
        assert_eq!(config["hidden_size"], 8);
        fails("[]", "is not read: it is not an object");
        fails("{", "is not read: it is not JSON at line 1 column 1: EOF while parsing an object");
        fails(
            &"[".repeat(1000),
            "is not read: it is not JSON at line 1 column 128: recursion limit exceeded",
        );
    }

    #[test]
    fn a_configuration_that_is_too_long_is_not_read() {
        let long = " ".repeat((16 << 20) + 1);
        fails(&long, "is not read: it has 16777217 bytes, and the limit is 16777216");
    }
}
