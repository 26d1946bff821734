//! The parts of a model that a verdict is given on.

use std::fmt;

/// A component of a model. One verdict each.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ComponentName {
    /// The network that reads and writes text, without its token embedding and output head.
    LanguageModel,
    /// A network that only reads text.
    TextEncoder,
    /// A network that reads images or video.
    VisionEncoder,
    /// A network that reads sound.
    AudioEncoder,
    /// What joins an encoder to a language model.
    Projector,
    /// A network that writes images or video.
    VisionDecoder,
    /// A network that writes sound.
    AudioDecoder,
    /// The table from tokens to vectors.
    TokenEmbedding,
    /// The matrix from vectors to token scores.
    OutputHead,
    /// A part no pattern knows, called by the prefix its tensors share.
    Other(String),
}

/// One component of one checkpoint, summed up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// Which.
    pub name: ComponentName,
    /// Number of elements in its tensors.
    pub parameters: u64,
    /// Number of distinct (stack, layer) pairs; 0 when it has no layers.
    pub layers: u64,
    /// The longest prefix of whole name segments that all its tensors share, with its final dot;
    /// empty when they share none.
    pub prefix: String,
    /// Some of its tensors were placed by structure and shape alone.
    pub inferred: bool,
}

impl fmt::Display for ComponentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ComponentName::LanguageModel => "language-model",
            ComponentName::TextEncoder => "text-encoder",
            ComponentName::VisionEncoder => "vision-encoder",
            ComponentName::AudioEncoder => "audio-encoder",
            ComponentName::Projector => "projector",
            ComponentName::VisionDecoder => "vision-decoder",
            ComponentName::AudioDecoder => "audio-decoder",
            ComponentName::TokenEmbedding => "token-embedding",
            ComponentName::OutputHead => "output-head",
            ComponentName::Other(prefix) => return write!(f, "other:{prefix}"),
        })
    }
}
