//! The parts of a model that a verdict is given on.

use std::fmt;

/// What a component is called. One verdict each.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ComponentName {
    /// What it does.
    pub kind: ComponentKind,
    /// What tells it from other networks of its kind in one model, as `discrete` in
    /// `vision-encoder:discrete`; empty for the plain one.
    pub network: String,
}

/// What a component does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ComponentKind {
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

impl ComponentName {
    /// The name that is displayed as `text`; `None` when there is no such kind.
    pub fn parse(text: &str) -> Option<Self> {
        const KINDS: [ComponentKind; 9] = [
            ComponentKind::LanguageModel,
            ComponentKind::TextEncoder,
            ComponentKind::VisionEncoder,
            ComponentKind::AudioEncoder,
            ComponentKind::Projector,
            ComponentKind::VisionDecoder,
            ComponentKind::AudioDecoder,
            ComponentKind::TokenEmbedding,
            ComponentKind::OutputHead,
        ];
        if let Some(prefix) = text.strip_prefix("other:") {
            return Some(ComponentKind::Other(prefix.to_owned()).into());
        }
        let (kind, network) = match text.split_once(':') {
            Some((_, "")) => return None,
            Some((kind, network)) => (kind, network),
            None => (text, ""),
        };
        let kind = KINDS.into_iter().find(|known| known.to_string() == kind)?;
        Some(Self { kind, network: network.to_owned() })
    }

    /// Whether no pattern knows what it does.
    pub fn is_other(&self) -> bool {
        matches!(self.kind, ComponentKind::Other(_))
    }
}

impl ComponentKind {
    /// Whether it has layers of its own, unlike a table, a head or what joins two networks.
    pub(crate) fn is_network(&self) -> bool {
        !matches!(
            self,
            ComponentKind::Projector
                | ComponentKind::TokenEmbedding
                | ComponentKind::OutputHead
                | ComponentKind::Other(_)
        )
    }
}

impl From<ComponentKind> for ComponentName {
    fn from(kind: ComponentKind) -> Self {
        Self { kind, network: String::new() }
    }
}

impl fmt::Display for ComponentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)?;
        if self.network.is_empty() { Ok(()) } else { write!(f, ":{}", self.network) }
    }
}

impl fmt::Display for ComponentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ComponentKind::LanguageModel => "language-model",
            ComponentKind::TextEncoder => "text-encoder",
            ComponentKind::VisionEncoder => "vision-encoder",
            ComponentKind::AudioEncoder => "audio-encoder",
            ComponentKind::Projector => "projector",
            ComponentKind::VisionDecoder => "vision-decoder",
            ComponentKind::AudioDecoder => "audio-decoder",
            ComponentKind::TokenEmbedding => "token-embedding",
            ComponentKind::OutputHead => "output-head",
            ComponentKind::Other(prefix) => return write!(f, "other:{prefix}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_is_displayed() {
        for text in
            ["language-model", "vision-encoder:discrete", "projector:audio", "other:a.b", "other:"]
        {
            assert_eq!(ComponentName::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "vision", "vision-encoder:", ":discrete", "Vision-encoder"] {
            assert_eq!(ComponentName::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_network_stands_beside_its_kind() {
        let named = |text| ComponentName::parse(text).unwrap();
        assert!(named("vision-encoder") < named("vision-encoder:discrete"));
        assert!(named("vision-encoder:discrete") < named("audio-encoder"));
    }
}
