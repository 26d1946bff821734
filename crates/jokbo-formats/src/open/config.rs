//! `config.json` beside the weights: read when it can be, and told when it cannot.

use std::io;

use serde_json::Value;

use super::folder::Folder;
use crate::error::{ErrorKind, Place};
use crate::json::said;
use crate::limits::CONFIG_LIMIT;
use crate::oddity::Oddities;
use crate::{Error, Fault, Oddity, ReadAt};

const MODEL: &str = "config.json";
const ADAPTER: &str = "adapter_config.json";

/// Whether a file of this name holds an adapter and not a model.
pub(super) fn is_adapter(name: &str) -> bool {
    name.starts_with("adapter_model.")
}

/// The configuration in the folder that goes with weights called `names`. Nothing in it is an
/// error: the weights can be read without it. A network that fails is one, for the next run would
/// say something else.
pub(super) fn read<'a>(
    folder: &dyn Folder,
    mut names: impl Iterator<Item = &'a str>,
) -> Result<(Option<Value>, Vec<Oddity>), Error> {
    let name = if names.any(is_adapter) { ADAPTER } else { MODEL };
    let file = match folder.open(name) {
        Ok(None) => return Ok((None, Vec::new())),
        Ok(Some(file)) => file,
        Err(error) if matches!(error.kind(), ErrorKind::Unreadable(io) if Fault::of(io).is_some()) =>
        {
            return Err(error);
        }
        Err(error) => return Ok((None, tell(name, &format!("is not read: {}", error.kind())))),
    };
    match parse(&*file) {
        Ok(config) => Ok((Some(config), Vec::new())),
        Err(Unread::Odd(what)) => Ok((None, tell(name, &what))),
        Err(Unread::Failed(error)) => Err(Place::file(name).error(ErrorKind::Unreadable(error))),
    }
}

/// Why there is no configuration.
#[derive(Debug)]
enum Unread {
    /// It is no configuration.
    Odd(String),
    /// The network failed.
    Failed(io::Error),
}

fn tell(name: &str, what: &str) -> Vec<Oddity> {
    let mut told = Oddities::of(name);
    told.tell("configurations", None, what);
    told.into_list()
}

fn parse(file: &dyn ReadAt) -> Result<Value, Unread> {
    let has = file.len();
    let length = match usize::try_from(has) {
        Ok(length) if has <= CONFIG_LIMIT => length,
        _ => {
            let what = format!("is not read: it has {has} bytes, and the limit is {CONFIG_LIMIT}");
            return Err(Unread::Odd(what));
        }
    };
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, 0).map_err(|error| match Fault::of(&error) {
        Some(_) => Unread::Failed(error),
        None => Unread::Odd(format!("is not read: {error}")),
    })?;
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(object)) => Ok(Value::Object(object)),
        Ok(_) => Err(Unread::Odd("is not read: it is not an object".to_owned())),
        Err(error) => Err(Unread::Odd(format!(
            "is not read: it is not JSON at line {} column {}: {}",
            error.line(),
            error.column(),
            said(&error)
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Memory;

    #[track_caller]
    fn fails(text: &str, want: &str) {
        match parse(&Memory(text.as_bytes().to_vec())).unwrap_err() {
            Unread::Odd(what) => assert_eq!(what, want),
            Unread::Failed(error) => panic!("{error}"),
        }
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
