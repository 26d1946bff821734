//! The tokenizers that two checkpoints carry: in the GGUF file, or beside the weights.

use std::sync::Arc;

use jokbo_formats::tokenizer::{Beside, Tokenizer, tokenizer_beside};
use jokbo_formats::{ErrorKind, Fault};
use jokbo_verdict::{
    NOT_FETCHED, NotMeasured, TokenizerCase, TokenizerRelation, tokenizer_relation,
};

use crate::lined_up::Tokens;
use crate::step::step;
use crate::{Error, Opened, Plan, Reading, tokenizers};

/// The tokenizer of a checkpoint, or why there is none to compare.
enum Carried {
    Tokenizer(Arc<Tokenizer>),
    /// It carries none that is read.
    None,
    /// It may carry one, which was not read, for this reason.
    NotRead(String),
}

/// Both tokenizers side by side, and the tokens that stand in both.
pub(crate) struct Both {
    /// Side by side.
    pub(crate) case: TokenizerCase,
    /// The tokens of both, where their ids say that rows are to be lined up.
    pub(crate) tokens: Option<Tokens>,
}

/// The tokenizers of both checkpoints. Nothing where neither carries one; the reason where only one
/// does, or where one was not read.
pub(crate) fn both(
    suspect: &Opened,
    reference: &Opened,
    plan: &Plan,
) -> Result<Result<Option<Both>, NotMeasured>, Error> {
    let _step = step!("tokenizers", model = reference.checkpoint.source);
    let (a, b) = (of(suspect, plan)?, of(reference, plan)?);
    let missing = |why: String| Ok(Err(NotMeasured { what: "tokenizer".to_owned(), why }));
    Ok(match (a, b) {
        (Carried::NotRead(why), _) => return missing(format!("the suspect's {why}")),
        (_, Carried::NotRead(why)) => return missing(format!("the reference's {why}")),
        (Carried::Tokenizer(a), Carried::Tokenizer(b)) => {
            let names = [suspect, reference].map(|opened| opened.checkpoint.source.as_str());
            let case = tokenizers::compare(names[0], &a, names[1], &b);
            let tokens = Tokens::of(&a, &b).filter(|_| !keeps_ids(&case));
            Ok(Some(Both { case, tokens }))
        }
        (Carried::None, Carried::None) => Ok(None),
        (Carried::None, _) => return missing("the suspect carries no tokenizer".to_owned()),
        (_, Carried::None) => return missing("the reference carries no tokenizer".to_owned()),
    })
}

/// The tokenizer in files beside the weights, where there is one that can be read; nothing elsewhere is
/// fetched for it. That which a weight file carries is a part of that.
pub(crate) fn beside(opened: &Opened) -> Result<Option<Tokenizer>, Error> {
    let Some((source, network)) = &opened.origin else { return Ok(None) };
    match tokenizer_beside(source, network, false) {
        Ok(Beside::Tokenizer(tokenizer)) => Ok(Some(tokenizer)),
        Err(cause) if is_fault(&cause) => {
            Err(Error::Open { path: opened.checkpoint.source.clone(), source: cause })
        }
        Ok(Beside::Nothing | Beside::NotLooked) | Err(_) => Ok(None),
    }
}

/// Whether learned tokens that both have keep their ids: of special ones, a few may have moved.
fn keeps_ids(case: &TokenizerCase) -> bool {
    use TokenizerRelation::{Cut, Extended, ReExported, Same};
    let relation = tokenizer_relation(case);
    matches!(relation, Same | ReExported | Extended { .. } | Cut { .. })
}

fn of(opened: &Opened, plan: &Plan) -> Result<Carried, Error> {
    if let Some(tokenizer) = &opened.tokenizer {
        return Ok(Carried::Tokenizer(Arc::clone(tokenizer)));
    }
    let is_sample = matches!(plan.reading, Reading::Sampled { .. });
    let not_fetched = || Carried::NotRead(NOT_FETCHED.to_owned());
    let has_arrays = opened.checkpoint.arrays.contains_key("tokenizer.ggml.tokens");
    if has_arrays && is_sample && opened.is_remote() {
        return Ok(not_fetched());
    }
    let found = if has_arrays {
        let own = Tokenizer::of_gguf(&opened.checkpoint);
        own.map(|own| own.map_or(Beside::Nothing, Beside::Tokenizer))
    } else {
        let Some((source, network)) = &opened.origin else { return Ok(Carried::None) };
        tokenizer_beside(source, network, !is_sample)
    };
    match found {
        Ok(Beside::Tokenizer(tokenizer)) => Ok(Carried::Tokenizer(Arc::new(tokenizer))),
        Ok(Beside::Nothing) => Ok(Carried::None),
        Ok(Beside::NotLooked) => Ok(not_fetched()),
        // A network that fails is an error, for the next run would say something else.
        Err(cause) if is_fault(&cause) => {
            Err(Error::Open { path: opened.checkpoint.source.clone(), source: cause })
        }
        Err(cause) => Ok(Carried::NotRead(format!("is not read: {cause}"))),
    }
}

fn is_fault(error: &jokbo_formats::Error) -> bool {
    matches!(error.kind(), ErrorKind::Unreadable(io) if Fault::of(io).is_some())
}
