//! What the folder of a part says about its component.

use jokbo_tensors::Checkpoint;

use crate::assign::Assignment;
use crate::library::library;
use crate::tally::components;

impl Assignment {
    /// The assignment with what lies in a folder of its own in the component that the folder is
    /// called after (`data/folders.toml`).
    #[must_use]
    pub(crate) fn in_folders(mut self, checkpoint: &Checkpoint) -> Self {
        let said = |entry: usize| {
            let file = &checkpoint.files[checkpoint.entries[entry].file].path;
            let (folder, _) = file.rsplit_once('/')?;
            let names = segments(folder);
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            Some(library().folders.of(&names, None)?.0.component)
        };
        let mut is_said = false;
        for part in &mut self.parts {
            if let Some(component) = said(part.entry) {
                part.key.component = component;
                is_said = true;
            }
        }
        if is_said {
            self.parts.sort_by(|a, b| a.place().cmp(&b.place()));
            (self.components, self.entry_component) = components(&checkpoint.entries, &self.parts);
        }
        self
    }
}

/// The names in a path, each also behind the one before it: `a/b` gives `a`, `a/b`, `b`.
fn segments(folder: &str) -> Vec<String> {
    let names: Vec<&str> = folder.split('/').collect();
    let mut all = Vec::with_capacity(2 * names.len());
    for (k, name) in names.iter().enumerate() {
        if let Some(before) = k.checked_sub(1).and_then(|k| names.get(k)) {
            all.push(format!("{before}/{name}"));
        }
        all.push((*name).to_owned());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use jokbo_tensors::PART_FOLDERS;

    #[track_caller]
    fn said(folder: &str) -> Option<String> {
        let names = segments(folder);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Some(library().folders.of(&names, None)?.0.component.to_string())
    }

    #[test]
    fn the_innermost_folder_that_speaks_decides() {
        for (folder, component) in [
            ("vae", Some("vision-decoder:vae")),
            ("decoder/audio/codec", Some("audio-decoder:codec")),
            ("decoder/vision/diffusion_model", Some("vision-decoder:diffusion")),
            ("decoder/vision/other", Some("vision-decoder")),
            ("text_encoder_2", Some("text-encoder:2")),
            ("decoder", None),
            ("x/1", None),
        ] {
            assert_eq!(said(folder).as_deref(), component, "{folder}");
        }
    }

    #[test]
    fn every_folder_that_is_read_as_a_part_is_known_or_left_to_names() {
        let left = ["decoder", "language_model", "llm", "thinker"];
        for folder in PART_FOLDERS {
            assert_eq!(said(folder).is_none(), left.contains(folder), "{folder}");
        }
    }
}
