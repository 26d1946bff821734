//! What the publisher of an opened checkpoint says: read beside its weights.

use jokbo_claims::{Paper, Shipped, read};
use jokbo_formats::{Papers, digest, papers_of};
use jokbo_policy::Party;

use crate::step::step;
use crate::{Error, Opened, carried};

/// Reads cards, licences and notices beside the weights of `opened`, its configuration, and what its
/// weight files carry about themselves.
///
/// No weight is read. A few small files are fetched where the checkpoint is elsewhere and its network
/// may be asked.
///
/// # Errors
///
/// Where a folder cannot be listed, or the network fails: what was not read must not look like
/// silence.
pub fn party(opened: &Opened) -> Result<Party, Error> {
    let source = &opened.checkpoint.source;
    let _step = step!("papers", model = source);
    let papers = match &opened.origin {
        Some((origin, network)) => {
            let is_paper = |name: &str| Paper::of(name).is_some();
            papers_of(origin, network, &is_paper, true)
                .map_err(|cause| Error::Open { path: source.clone(), source: cause })?
        }
        None => Papers::default(),
    };
    let checkpoint = &opened.checkpoint;
    let mut said = read(&Shipped {
        papers: papers.papers.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])).collect(),
        config: checkpoint.config.as_ref(),
        config_file: if opened.is_adapter() { "adapter_config.json" } else { "config.json" },
        metadata: checkpoint.metadata.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect(),
    });
    said.silences.extend(papers.unread);
    if !papers.looked {
        let why = "its folder could not be looked into, so that no card says anything here";
        said.silences = vec![why.to_owned()];
    }
    Ok(Party {
        source: source.clone(),
        said,
        looked: papers.looked,
        configuration: checkpoint.config.as_ref().map(configuration),
        tokenizer: carried::beside(opened)?.map(|tokenizer| tokenizer.digest()),
    })
}

/// A digest of a configuration, whatever spaces and line breaks its file has.
fn configuration(config: &serde_json::Value) -> String {
    digest::of_bytes(config.to_string().as_bytes())
}
