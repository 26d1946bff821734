//! Papers beside a checkpoint: cards, licences and notices, as bytes. What they mean is another
//! room's business.

use crate::error::{ErrorKind, Place};
use crate::limits::{PAPER_LIMIT, PAPERS_LIMIT};
use crate::open::{Folder, cached, folder_from_hub, folder_of, named};
use crate::{Error, Fault, Network, Source};

/// What lies beside a checkpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Papers {
    /// Name and bytes of each, in the order of their names.
    pub papers: Vec<(String, Vec<u8>)>,
    /// What was not read, and why: one sentence each.
    pub unread: Vec<String>,
    /// Whether there was a folder to look into: not beside a file on the web or in a bucket, and not
    /// where the network was not to be asked.
    pub looked: bool,
}

/// Reads the papers in the folder of the weights that `source` names; of a repository, at its top.
///
/// `is_paper` says of a name whether it is one. Of those at most 32 are read, and each only up to 4
/// MiB. The Hub's local cache is looked into first; the Hub is asked only where `may_fetch`.
///
/// # Errors
///
/// Where the folder cannot be listed, or the network fails. A paper that cannot be read is told in
/// [`Papers::unread`].
pub fn papers_of(
    source: &Source,
    network: &Network,
    is_paper: &dyn Fn(&str) -> bool,
    may_fetch: bool,
) -> Result<Papers, Error> {
    let here = |path: &std::path::Path| {
        let (fence, files) = named(path, &Place::file(&path.display().to_string()))?;
        read(&fence, &files, is_paper)
    };
    match source {
        Source::Path(path) if path.is_dir() => here(path),
        Source::Path(path) => here(folder_of(path)),
        Source::Hub(repository) => {
            let cache = network.settings().hub_cache.as_ref();
            let kept = cache.map(|cache| cached(cache, repository)).transpose()?.flatten();
            let kept = kept.map(|(snapshot, _)| here(&snapshot)).transpose()?;
            let offline = network.settings().offline || !may_fetch;
            match kept {
                // A cache keeps what was asked for, which may have been the weights alone.
                Some(papers) if offline || !papers.papers.is_empty() => Ok(papers),
                _ if offline => Ok(Papers::default()),
                _ => {
                    let reading =
                        |folder: &dyn Folder, files: &[String]| read(folder, files, is_paper);
                    folder_from_hub(repository, network, &source.to_string(), &reading)
                }
            }
        }
        Source::Web(_) | Source::Bucket(_) => Ok(Papers::default()),
    }
}

fn read(
    folder: &dyn Folder,
    files: &[String],
    is_paper: &dyn Fn(&str) -> bool,
) -> Result<Papers, Error> {
    let mut found = Papers { looked: true, ..Papers::default() };
    let names: Vec<&String> = files.iter().filter(|name| is_paper(name)).collect();
    for name in names.iter().take(PAPERS_LIMIT) {
        match bytes_of(folder, name) {
            Ok(bytes) => found.papers.push(((*name).clone(), bytes)),
            Err(error) if matches!(error.kind(), ErrorKind::Unreadable(io) if Fault::of(io).is_some()) =>
            {
                return Err(error);
            }
            Err(error) => found.unread.push(format!("{name} is not read: {}", error.kind())),
        }
    }
    if let Some(more) = names.len().checked_sub(PAPERS_LIMIT).filter(|&more| 0 < more) {
        found.unread.push(format!("{more} more papers are not read: the limit is {PAPERS_LIMIT}"));
    }
    Ok(found)
}

fn bytes_of(folder: &dyn Folder, name: &str) -> Result<Vec<u8>, Error> {
    let place = Place::file(name);
    let Some(file) = folder.open(name)? else { return Err(place.error(ErrorKind::NoSuchPath)) };
    let has = file.len();
    let length = usize::try_from(has).ok().filter(|_| has <= PAPER_LIMIT);
    let too_long = ErrorKind::PaperTooLarge { has, limit: PAPER_LIMIT };
    let Some(length) = length else { return Err(place.error(too_long)) };
    let mut bytes = vec![0; length];
    let read = file.read_exact_at(&mut bytes, 0);
    read.map_err(|error| place.error(ErrorKind::Unreadable(error)))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::Settings;

    fn papers(path: &Path) -> Papers {
        let network = Network::new(Settings::default());
        let is_paper = |name: &str| name.starts_with("README");
        papers_of(&Source::Path(path.to_owned()), &network, &is_paper, false).unwrap()
    }

    #[test]
    fn papers_are_found_beside_a_file_and_in_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("README.md"), "card").unwrap();
        fs::write(folder.path().join("other.md"), "no paper").unwrap();
        fs::write(folder.path().join("model.safetensors"), "weights").unwrap();
        let want = [("README.md".to_owned(), b"card".to_vec())];
        assert_eq!(papers(folder.path()).papers, want);
        assert_eq!(papers(&folder.path().join("model.safetensors")).papers, want);
        assert!(papers(folder.path()).looked);
    }

    #[test]
    fn a_paper_that_is_too_long_or_leads_elsewhere_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let long = fs::File::create(folder.path().join("README.md")).unwrap();
        long.set_len(PAPER_LIMIT + 1).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("/etc/hostname", folder.path().join("README.txt")).unwrap();
        let found = papers(folder.path());
        assert!(found.papers.is_empty());
        let want = "README.md is not read: it has 4194305 bytes, and the limit is 4194304";
        assert!(found.unread.contains(&want.to_owned()), "{:?}", found.unread);
        #[cfg(unix)]
        assert!(found.unread[1].starts_with("README.txt is not read: "), "{:?}", found.unread);
    }

    #[test]
    fn a_folder_of_a_thousand_cards_is_cut() {
        let folder = tempfile::tempdir().unwrap();
        for k in 0..40 {
            fs::write(folder.path().join(format!("README{k:02}.md")), "card").unwrap();
        }
        let found = papers(folder.path());
        assert_eq!(found.papers.len(), PAPERS_LIMIT);
        assert_eq!(found.unread, ["8 more papers are not read: the limit is 32"]);
    }
}
