//! What the user can do about an error.

use super::ErrorKind;
use crate::Fault;

/// One sentence for `kind`, where there is something to try.
pub(super) fn hint(kind: &ErrorKind) -> Option<String> {
    let text = match kind {
        ErrorKind::Unreadable(error) => Fault::of(error)?.hint()?,
        ErrorKind::NoSuchPath => {
            "a repository on the Hub is named hf://org/name, or org/name where no such path exists"
        }
        ErrorKind::LfsPointer { .. } => "run `git lfs pull` in that folder to fetch the weights",
        ErrorKind::Empty
        | ErrorKind::NoHeaderLength { .. }
        | ErrorKind::HeaderPastEnd { .. }
        | ErrorKind::HeaderTooSmall { .. }
        | ErrorKind::EndsWithin { .. }
        | ErrorKind::CountPastEnd { .. }
        | ErrorKind::PastEnd { .. }
        | ErrorKind::StorageSize { .. } => {
            "the download may be incomplete; fetch the file again and compare its size"
        }
        ErrorKind::ShardMissing { .. } | ErrorKind::ShardsMissing { .. } => {
            "fetch the missing files, or name one file to read that one alone"
        }
        ErrorKind::DataFileMissing { .. } => {
            "fetch the data file too; a model names it by its path"
        }
        ErrorKind::LinkBroken { .. } => "the download may be incomplete; fetch the model again",
        ErrorKind::LinkLeaves { .. } => {
            "links are followed only within the folder; name the folder they lead to, or copy the file"
        }
        ErrorKind::ManyModels { .. } | ErrorKind::MixedFormats { .. } => "name one of the files",
        ErrorKind::ManyIndexes { .. } => "name the index file to choose one",
        ErrorKind::ManySnapshots { .. } | ErrorKind::RefUnknown { .. } => {
            "name one of the folders below snapshots/"
        }
        ErrorKind::InTwoShards { .. } | ErrorKind::ShardsDisagree { .. } => {
            "the folder may hold two checkpoints; name one file, or move one checkpoint elsewhere"
        }
        ErrorKind::OnlyBelow { .. } => "name one of those folders",
        ErrorKind::NoWeights => "name the file, or the folder that holds the files",
        ErrorKind::ForeignFolder { .. } | ErrorKind::Foreign { .. } => {
            "this version reads safetensors, GGUF, PyTorch, ONNX, CTranslate2 and NumPy files; fetch the model in one of them where it is offered"
        }
        ErrorKind::NotWeights { .. } | ErrorKind::BeginsWithText { .. } => {
            "open the file in a text editor to see what it is, and fetch the weights again"
        }
        _ => return None,
    };
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_says_what_to_do_and_is_absent_where_nothing_helps() {
        let pointer = hint(&ErrorKind::LfsPointer { bytes: Some(3) });
        let want = "run `git lfs pull` in that folder to fetch the weights";
        assert_eq!(pointer.as_deref(), Some(want));
        assert!(hint(&ErrorKind::PastEnd { ends: 2, has: 1 }).is_some());
        assert_eq!(hint(&ErrorKind::TensorTwice), None);
    }
}
