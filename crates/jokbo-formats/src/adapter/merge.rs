//! An adapter laid over its base: a checkpoint whose adapted weights are made on reading.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::names::{is_own, unwrapped};
use super::{AdapterConfig, Factors};
use crate::error::{ErrorKind, Place};
use crate::oddity::Oddities;
use crate::recipe::product;
use crate::{
    Checkpoint, Dtype, Entry, Error, Making, Merged, Narrow, Oddity, Scaling, Scheme, Shown,
    SourceFile,
};

/// The model that `adapter` makes of `base`, and what was odd about it. No weight is read.
///
/// A tensor that the adapter saved whole takes the place of the base's. Fails where a module of
/// the adapter is not in the base or has another shape there, and where the scale is not known.
pub fn merge(base: &Checkpoint, adapter: &Checkpoint) -> Result<(Checkpoint, Vec<Oddity>), Error> {
    let place = Place::file(&adapter.source);
    let fails = |what: String| place.clone().error(ErrorKind::Adapter { what });
    let Some(parts) = &adapter.adapter else {
        return Err(fails("is not a LoRA adapter, and takes no base".to_owned()));
    };
    if base.adapter.is_some() {
        return Err(fails(format!(
            "has `{}` as its base, which is an adapter too",
            Shown(&base.source)
        )));
    }
    if parts.rescaled {
        return Err(fails("rescales every weight (DoRA), which is not merged".to_owned()));
    }
    let config = parts
        .config
        .as_ref()
        .ok_or_else(|| fails("has no adapter_config.json, so its scale is not known".to_owned()))?;
    let mut told = Oddities::of(&adapter.source);
    let theirs: Vec<Entry> =
        adapter.entries.iter().map(|entry| shifted(entry, base.files.len())).collect();
    let mut entries = base.entries.clone();
    let names = Names::of(&base.entries);
    for factors in &parts.factors {
        let fails =
            |what| fails(format!("cannot be merged at `{}`: {what}", Shown(&factors.module)));
        let at = names.weight(&factors.module).map_err(fails)?;
        entries[at] = merged(&entries[at], &theirs, factors, config).map_err(fails)?;
    }
    for entry in theirs.iter().filter(|entry| !is_own(&entry.name)) {
        let name = unwrapped(&entry.name);
        let replaced = names.tensor(name).ok();
        let what = match replaced {
            Some(_) => "takes the place of the base's tensor",
            None => "is not in the base, and is added to it",
        };
        told.tell("tensors that the adapter saved whole", Some(&entry.name), what);
        let name = replaced.map_or_else(|| name.to_owned(), |at| entries[at].name.clone());
        let saved = Entry { name, ..entry.clone() };
        match replaced {
            Some(at) => entries[at] = saved,
            None => entries.push(saved),
        }
    }
    let files: Vec<SourceFile> = base.files.iter().chain(&adapter.files).cloned().collect();
    let merged = Checkpoint {
        source: format!("{} on {}", adapter.source, base.source),
        files,
        entries,
        adapter: None,
        ..base.clone()
    };
    Ok((merged, told.into_list()))
}

/// `entry` when its file comes after `files` others.
fn shifted(entry: &Entry, files: usize) -> Entry {
    Entry { file: entry.file + files, ..entry.clone() }
}

/// The weight `base` with the product of `factors` added.
fn merged(
    base: &Entry,
    theirs: &[Entry],
    factors: &Factors,
    config: &AdapterConfig,
) -> Result<Entry, String> {
    let (down, up) = (&theirs[factors.down], &theirs[factors.up]);
    let rank = factors.rank;
    if let Some(said) = config.rank_of(&factors.module)?.filter(|said| *said != rank) {
        return Err(format!("the configuration says rank {said}, and its matrices have {rank}"));
    }
    if !base.dtype.is_float() {
        return Err(format!("the base has {} there, which are no weights", base.dtype));
    }
    let outputs = up.shape.first().copied().unwrap_or(0);
    let inputs = down.elements() / rank;
    let rows = base.shape.first().copied().unwrap_or(0);
    let cols = product(base.shape.get(1..).unwrap_or_default()).unwrap_or(0);
    let (upright, turned) = ((rows, cols) == (outputs, inputs), (rows, cols) == (inputs, outputs));
    // A table is turned by its nature; where a square leaves both open, the configuration says.
    let turned = match (upright, turned) {
        (_, true) if factors.table => true,
        (true, true) => config.turned,
        (true, false) if !factors.table => false,
        (false, true) => true,
        _ => {
            return Err(format!(
                "the base's shape is {:?}, and the product's [{outputs}, {inputs}]",
                base.shape
            ));
        }
    };
    let (left, right) = if turned {
        (Narrow { stored: down.clone(), turned }, Narrow { stored: up.clone(), turned })
    } else {
        (Narrow { stored: up.clone(), turned }, Narrow { stored: down.clone(), turned })
    };
    let scaling =
        Scaling { alpha: config.alpha_of(&factors.module)?.to_owned(), root: config.root };
    let bytes = base.bytes.checked_add(down.bytes).and_then(|sum| sum.checked_add(up.bytes));
    let bytes = bytes.ok_or("its parts have more bytes than 64 bits can count")?;
    let merged = Merged { base: base.clone(), rows, cols, left, right, rank, scaling };
    Ok(Entry {
        dtype: Dtype::Composed(Scheme::Merged),
        bytes,
        recipe: Some(Arc::new(Making::Merged(Box::new(merged)))),
        ..base.clone()
    })
}

/// The base's tensors by name, whole or from some name within on.
struct Names<'a> {
    whole: BTreeMap<&'a str, usize>,
    /// Every name back to front.
    reversed: BTreeMap<String, usize>,
}

impl<'a> Names<'a> {
    fn of(entries: &'a [Entry]) -> Self {
        let all = || entries.iter().enumerate().map(|(k, entry)| (entry.name.as_str(), k));
        Self {
            whole: all().collect(),
            reversed: all().map(|(name, k)| (name.chars().rev().collect(), k)).collect(),
        }
    }

    /// The weight of `module`.
    fn weight(&self, module: &str) -> Result<usize, String> {
        self.tensor(&format!("{module}.weight")).or_else(|why| self.tensor(module).map_err(|_| why))
    }

    /// The tensor `name`, with or without a wrapper's names before it on either side. Only one may
    /// be meant.
    fn tensor(&self, name: &str) -> Result<usize, String> {
        if let Some(&at) = self.whole.get(name) {
            return Ok(at);
        }
        let mut inner = name;
        while let Some((_, rest)) = inner.split_once('.') {
            // A last name alone says too little.
            if !rest.trim_end_matches(".weight").contains('.') {
                break;
            }
            if let Some(&at) = self.whole.get(rest) {
                return Ok(at);
            }
            inner = rest;
        }
        let end: String = format!(".{name}").chars().rev().collect();
        let mut longer =
            self.reversed.range(end.clone()..).take_while(|(n, _)| n.starts_with(&end));
        match (longer.next(), longer.next()) {
            (Some((_, &at)), None) => Ok(at),
            (Some(_), Some(_)) => Err("the base has several tensors of that name".to_owned()),
            (None, _) => Err("the base has no tensor of that name".to_owned()),
        }
    }
}
