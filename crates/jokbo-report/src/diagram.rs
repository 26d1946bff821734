//! A model as a picture: its components as boxes with their share of the parameters, and arrows from
//! what reads through what thinks to what writes.
//!
//! The arrows follow from what components are, not from the model's code: an encoder leads through
//! the projector of its kind to the language model, and that to heads and decoders.

mod svg;
mod text;

pub use svg::diagram_svg;
pub(crate) use svg::escaped;
pub(crate) use svg::{BOX, HEAD, NAME, TOP, arrow, layout, short_count, shortened};
pub use text::diagram_text;

use crate::schema::ModelComponent;

/// Boxes and arrows. Boxes keep the order of the components they stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Diagram {
    /// Where the box of every component stands.
    pub(crate) places: Vec<Place>,
    /// From which component to which, by index, in order. They lead to later places alone.
    pub(crate) arrows: Vec<(usize, usize)>,
}

/// Where a box stands: the columns from left to right, or what is joined to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// Tables of tokens, and encoders.
    Reads,
    /// Projectors.
    Joins,
    /// Language models, or a text encoder where there is none.
    Thinks,
    /// Heads and decoders.
    Writes,
    /// What no pattern knows.
    Apart,
}

impl Diagram {
    /// The picture of `components`.
    pub(crate) fn of(components: &[ModelComponent]) -> Self {
        let names: Vec<&str> = components.iter().map(|c| c.component.as_str()).collect();
        let has_core = names.iter().any(|name| kind(name) == "language-model");
        let places = names.iter().map(|name| place(name, has_core)).collect();
        let mut diagram = Self { places, arrows: Vec::new() };
        let [joins, thinks, writes] = [Place::Joins, Place::Thinks, Place::Writes]
            .map(|place| diagram.at(place).collect::<Vec<usize>>());
        let mut arrows = Vec::new();
        for from in diagram.at(Place::Reads) {
            let own = own_projectors(&names, names[from], &joins);
            // Without a projector an encoder speaks to a language model, and not to a text encoder.
            let to: &[usize] = match kind(names[from]) {
                _ if !own.is_empty() => &own,
                "token-embedding" => &thinks,
                _ if has_core => &thinks,
                _ => &[],
            };
            arrows.extend(to.iter().map(|&to| (from, to)));
        }
        let all_to_all = |from: &[usize], to: &[usize]| {
            from.iter().flat_map(|&a| to.iter().map(move |&b| (a, b))).collect::<Vec<_>>()
        };
        arrows.extend(all_to_all(&joins, &thinks));
        arrows.extend(all_to_all(&thinks, &writes));
        arrows.sort_unstable();
        diagram.arrows = arrows;
        diagram
    }

    /// The boxes at one place, in their order.
    pub(crate) fn at(&self, place: Place) -> impl Iterator<Item = usize> {
        self.places.iter().enumerate().filter(move |(_, p)| **p == place).map(|(k, _)| k)
    }
}

fn place(name: &str, has_core: bool) -> Place {
    match kind(name) {
        "text-encoder" if !has_core => Place::Thinks,
        "token-embedding" | "text-encoder" | "vision-encoder" | "audio-encoder" => Place::Reads,
        "projector" => Place::Joins,
        "language-model" => Place::Thinks,
        "output-head" | "vision-decoder" | "audio-decoder" => Place::Writes,
        _ => Place::Apart,
    }
}

/// The projectors that an encoder leads through: those called after what it reads, else those that
/// are not called after anything else. A discrete encoder writes tokens, and needs none.
fn own_projectors(names: &[&str], encoder: &str, projectors: &[usize]) -> Vec<usize> {
    let (own, foreign): (&[&str], &[&str]) = match kind(encoder) {
        _ if network(encoder) == "discrete" => return Vec::new(),
        "vision-encoder" => (&["vision"], &["audio", "compressor"]),
        "audio-encoder" => (&["audio", "compressor"], &["vision"]),
        _ => return Vec::new(),
    };
    let called = |list: &[&str], k: usize| list.contains(&network(names[k]));
    let (named, rest): (Vec<usize>, Vec<usize>) = projectors.iter().partition(|k| called(own, **k));
    if named.is_empty() {
        rest.into_iter().filter(|k| !called(foreign, *k)).collect()
    } else {
        named
    }
}

fn kind(name: &str) -> &str {
    name.split_once(':').map_or(name, |(kind, _)| kind)
}

fn network(name: &str) -> &str {
    name.split_once(':').map_or("", |(_, network)| network)
}

/// Share of all parameters, in `[0, 1]`; 0 of a model without any.
pub(crate) fn share(component: &ModelComponent, components: &[ModelComponent]) -> f64 {
    let all: u64 = components.iter().map(|c| c.parameters).sum();
    #[allow(clippy::cast_precision_loss, reason = "a share is drawn to a tenth of a per cent")]
    let share = component.parameters as f64 / all.max(1) as f64;
    share
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn components(named: &[(&str, u64)]) -> Vec<ModelComponent> {
        let component = |&(name, parameters): &(&str, u64)| ModelComponent {
            component: name.to_owned(),
            parameters,
            layers: 0,
            prefix: String::new(),
            inferred: false,
        };
        named.iter().map(component).collect()
    }

    #[track_caller]
    fn check(names: &[&str], arrows: &[&str]) {
        let named: Vec<(&str, u64)> = names.iter().map(|&name| (name, 1)).collect();
        let diagram = Diagram::of(&components(&named));
        let shown = |&(from, to): &(usize, usize)| format!("{} > {}", names[from], names[to]);
        assert_eq!(diagram.arrows.iter().map(shown).collect::<Vec<_>>(), arrows);
        assert!(diagram.arrows.iter().all(|&(from, to)| diagram.places[from] < diagram.places[to]));
    }

    #[test]
    fn an_encoder_leads_through_its_projector_to_the_language_model() {
        check(
            &[
                "language-model",
                "vision-encoder",
                "vision-encoder:discrete",
                "audio-encoder",
                "projector",
                "projector:audio",
                "audio-decoder:talker",
                "token-embedding",
                "output-head",
                "other:x",
            ],
            &[
                "language-model > audio-decoder:talker",
                "language-model > output-head",
                "vision-encoder > projector",
                "vision-encoder:discrete > language-model",
                "audio-encoder > projector:audio",
                "projector > language-model",
                "projector:audio > language-model",
                "token-embedding > language-model",
            ],
        );
    }

    #[test]
    fn one_projector_serves_all_encoders() {
        let arrows = ["vision-encoder > projector", "audio-encoder > projector"];
        check(&["vision-encoder", "audio-encoder", "projector"], &arrows);
    }

    #[test]
    fn without_a_language_model_a_text_encoder_reads_the_tokens() {
        let names = ["text-encoder", "vision-encoder", "token-embedding", "output-head"];
        check(&names, &["text-encoder > output-head", "token-embedding > text-encoder"]);
        check(&["vision-encoder"], &[]);
    }
}
