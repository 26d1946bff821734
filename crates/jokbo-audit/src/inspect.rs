//! One checkpoint looked at by itself: components, layers, types, counts and digests.

use jokbo_verdict::{Inspection, Model, TensorInfo};

use crate::compare::oddities;
use crate::{Error, Opened, Progress, survey};

/// What `opened` is made of, as far as names and shapes say: reads no weight, and lists no file.
pub fn outline(opened: &Opened) -> Model {
    opened.model(Vec::new())
}

/// Reads every byte of `opened` and says what it holds. Of a checkpoint that is elsewhere no weight
/// is read: what would need one is left out.
pub fn inspect(opened: &Opened, progress: &dyn Progress) -> Result<Inspection, Error> {
    let bytes: u64 = opened.checkpoint.own_files().map(|file| file.bytes).sum();
    progress.stage("digesting files", bytes);
    let files = survey::file_digests(opened, progress)?;
    let read = if opened.is_remote() {
        None
    } else {
        progress.stage("digesting tensors", bytes);
        let blake3 = survey::tensor_digests(opened, progress)?;
        progress.stage("looking for weights that are not finite", bytes);
        Some((blake3, survey::not_finite(opened, progress)?))
    };
    let (blake3, not_finite) = read.unzip();
    let mut parts: Vec<Vec<String>> = vec![Vec::new(); opened.checkpoint.entries.len()];
    for part in &opened.assignment.parts {
        let name = part.key.to_string();
        let component = part.key.component.to_string();
        let name = name.strip_prefix(&component).unwrap_or(&name).trim_start();
        // An inferred role is a path with its layer number taken out.
        parts[part.entry].push(name.replace("{layer}.", "").replace("{layer}", "tensor"));
    }
    let tensors = opened.checkpoint.entries.iter().enumerate().zip(parts);
    Ok(Inspection {
        model: opened.model(files),
        family: opened.assignment.family.clone(),
        tensors: tensors
            .map(|((k, entry), parts)| TensorInfo {
                name: entry.name.clone(),
                component: opened.assignment.entry_component[k].to_string(),
                parts,
                dtype: entry.dtype.to_string(),
                shape: entry.shape.clone(),
                parameters: entry.elements(),
                blake3: blake3.as_ref().map(|all| all[k].clone()),
                nan: not_finite.as_ref().map(|all| all[k].nan),
                infinite: not_finite.as_ref().map(|all| all[k].infinite),
            })
            .collect(),
        notes: opened.assignment.notes.clone(),
        oddities: oddities("", opened, &not_finite.unwrap_or_default()),
    })
}
