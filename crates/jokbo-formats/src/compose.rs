//! Groups of stored tensors that hold one weight together, found and joined.
//!
//! A group is recognised by the names that its maker gives, or by what the file itself says of its
//! use (`joined`), and by nothing else; then every size
//! is compared with every other. A group that does not fit, or that a maker is not known for, is
//! told and stays what it is in the file: stored numbers, from which nothing is guessed.

mod bitsandbytes;
mod compressed;
mod joined;
mod microscaled;
mod scaled;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::limits::GROUP_NOTE_LIMIT;
use crate::oddity::Oddities;
use crate::{Dtype, Entry, Oddity, Shown, SourceFile};

pub(crate) use joined::{Form, Join};

/// What one group became: the name, shape and recipe of its weight, or why it has none.
type Composed = Result<Entry, String>;

/// The tensors of a checkpoint by name, and what its configuration says of them.
struct Tensors<'a> {
    by_name: BTreeMap<&'a str, &'a Entry>,
    files: &'a [SourceFile],
    /// `quantization_config`, or an empty object's like.
    config: &'a Value,
}

/// `entries` with every group that fits joined into one, in the order of their places.
pub(crate) fn compose(
    entries: Vec<Entry>,
    files: &[SourceFile],
    config: Option<&Value>,
    joins: Vec<Join>,
    oddities: &mut Vec<Oddity>,
) -> Vec<Entry> {
    let config = config.map_or(&Value::Null, |config| match &config["quantization_config"] {
        // Where a model has several parts, the language model's may hold it.
        Value::Null => &config["text_config"]["quantization_config"],
        own => own,
    });
    let by_name = entries.iter().map(|entry| (entry.name.as_str(), entry)).collect();
    let tensors = Tensors { by_name, files, config };
    let mut made: Vec<Entry> = Vec::new();
    let mut names: BTreeSet<String> = BTreeSet::new();
    let mut used: BTreeSet<String> = BTreeSet::new();
    let mut told: BTreeMap<usize, Oddities> = BTreeMap::new();
    let joins: BTreeMap<&str, &Join> =
        joins.iter().map(|join| (join.codes.as_str(), join)).collect();
    for entry in &entries {
        // What the file itself says comes before what names say.
        let composed = match joins.get(entry.name.as_str()) {
            Some(join) => Some(joined::of(entry, join, &tensors)),
            None => recognise(entry, &tensors),
        };
        let Some(composed) = composed else { continue };
        let composed = composed.and_then(|made| {
            let parts = made.recipe.iter().flat_map(|recipe| recipe.parts());
            let taken = parts.clone().find(|part| used.contains(&part.name));
            if let Some(part) = taken {
                return Err(format!("`{}` already belongs to another weight", Shown(&part.name)));
            }
            let of_its_own = parts.clone().any(|part| part.name == made.name);
            if names.contains(&made.name)
                || (!of_its_own && tensors.by_name.contains_key(made.name.as_str()))
            {
                return Err(format!("`{}` is in the file as well", Shown(&made.name)));
            }
            Ok(made)
        });
        match composed {
            Ok(entry) => {
                let parts = entry.recipe.iter().flat_map(|recipe| recipe.parts());
                used.extend(parts.map(|part| part.name.clone()));
                names.insert(entry.name.clone());
                made.push(entry);
            }
            Err(why) => {
                let file = files.get(entry.file).map_or("", |file| file.path.as_str());
                told.entry(entry.file).or_insert_with(|| Oddities::of(file)).tell(
                    "quantised weights that stay stored numbers",
                    Some(&entry.name),
                    format_args!("stays stored numbers: {why}"),
                );
            }
        }
    }
    oddities.extend(told.into_values().flat_map(Oddities::into_list));
    let mut all: Vec<Entry> =
        entries.into_iter().filter(|entry| !used.contains(&entry.name)).chain(made).collect();
    all.sort_by(|a, b| (a.file, a.offset, &a.name).cmp(&(b.file, b.offset, &b.name)));
    all
}

/// The weight whose codes are `entry`, or `None` when it is like any other tensor.
fn recognise(entry: &Entry, tensors: &Tensors<'_>) -> Option<Composed> {
    let name = entry.name.as_str();
    if let Some(stem) = name.strip_suffix(".qweight") {
        return Some(words::qweight(entry, stem, tensors));
    }
    if let Some(stem) = name.strip_suffix("_packed") {
        return tensors
            .of(stem, "_scale")
            .map(|scale| compressed::packed(entry, stem, scale, tensors));
    }
    if let Some(stem) = name.strip_suffix("_blocks") {
        let scales = tensors.of(stem, "_scales").filter(|_| entry.dtype == Dtype::U8);
        return scales.map(|scales| microscaled::blocks(entry, stem, scales));
    }
    if let Some(absmax) = tensors.of(name, ".absmax") {
        return Some(bitsandbytes::four_bits(entry, absmax, tensors));
    }
    let stem = name.strip_suffix(".weight").unwrap_or(name);
    if let Some(scale) = tensors.of(stem, ".SCB").filter(|_| entry.dtype == Dtype::I8) {
        return Some(bitsandbytes::eight_bits(entry, stem, scale, tensors));
    }
    scaled::beside(entry, tensors)
}

impl<'a> Tensors<'a> {
    /// The tensor called `stem` and `suffix`.
    fn of(&self, stem: &str, suffix: &str) -> Option<&'a Entry> {
        self.by_name.get(format!("{stem}{suffix}").as_str()).copied()
    }

    /// The same, or the sentence that it is missing.
    fn need(&self, stem: &str, suffix: &str) -> Result<&'a Entry, String> {
        self.of(stem, suffix)
            .ok_or_else(|| format!("there is no `{}` beside it", Shown(&format!("{stem}{suffix}"))))
    }

    /// The bytes of a small tensor that says how others are to be read.
    fn note(&self, entry: &Entry) -> Result<Vec<u8>, String> {
        let name = Shown(&entry.name);
        if GROUP_NOTE_LIMIT < entry.bytes {
            let has = entry.bytes;
            return Err(format!("`{name}` has {has} bytes, and the limit is {GROUP_NOTE_LIMIT}"));
        }
        let file = self.files.get(entry.file).ok_or_else(|| format!("`{name}` has no file"))?;
        let mut bytes = vec![0; usize::try_from(entry.bytes).unwrap_or(0)];
        let read = file.reader.read_exact_at(&mut bytes, entry.offset);
        read.map_err(|error| format!("`{name}` cannot be read: {error}"))?;
        if file.order == crate::ByteOrder::Big {
            entry.dtype.turn_around(&mut bytes);
        }
        Ok(bytes)
    }

    /// A small tensor of whole numbers, none of them negative.
    fn numbers(&self, entry: &Entry) -> Result<Vec<u64>, String> {
        let bytes = self.note(entry)?;
        let numbers: Option<Vec<u64>> = match entry.dtype {
            Dtype::I64 => {
                let (each, _) = bytes.as_chunks::<8>();
                each.iter().map(|n| i64::from_le_bytes(*n).try_into().ok()).collect()
            }
            Dtype::I32 => {
                let (each, _) = bytes.as_chunks::<4>();
                each.iter().map(|n| i32::from_le_bytes(*n).try_into().ok()).collect()
            }
            _ => None,
        };
        numbers.ok_or_else(|| {
            let (name, dtype) = (Shown(&entry.name), entry.dtype);
            format!("`{name}` ({dtype}) does not hold whole numbers from 0 on")
        })
    }

    /// A whole number of the configuration.
    fn setting(&self, key: &str) -> Option<u64> {
        self.config[key].as_u64()
    }

    /// A text of the configuration.
    fn text(&self, key: &str) -> Option<&'a str> {
        self.config[key].as_str()
    }
}

/// Rows and columns of a matrix.
fn matrix(entry: &Entry) -> Result<(u64, u64), String> {
    match *entry.shape {
        [rows, cols] => Ok((rows, cols)),
        _ => Err(format!(
            "`{}` has the shape {:?}, and a matrix is expected",
            Shown(&entry.name),
            entry.shape
        )),
    }
}

fn of_type(entry: &Entry, dtype: Dtype) -> Result<(), String> {
    if entry.dtype == dtype {
        Ok(())
    } else {
        let (name, has) = (Shown(&entry.name), entry.dtype);
        Err(format!("`{name}` is {has}, and {dtype} is expected"))
    }
}

/// How many of `n` elements share each of `parts` scales: `usual` where that fits, and an even
/// share where that is whole.
fn share(n: u64, parts: u64, usual: Option<u64>) -> Option<u64> {
    let fits = |each: &u64| 0 < *each && n.div_ceil(*each) == parts;
    if parts == 1 {
        return Some(n.max(1));
    }
    usual
        .filter(fits)
        .or_else(|| n.checked_div(parts).filter(|each| each * parts == n).filter(fits))
}
