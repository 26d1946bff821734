//! The spans that another program may subscribe to: which there are, and what they carry.
//!
//! A program of its own: what one thread alone listens to, another that does not may turn off.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::unwrap_used,
    dead_code,
    reason = "the models of the verdicts, of which a part is used"
)]

#[path = "verdicts/attacks.rs"]
mod attacks;
#[path = "verdicts/model.rs"]
mod model;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::Once;

use jokbo_audit::{Plan, Silent, compare};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use attacks::{own_attention, renumber_units, rotate};
use model::Model;

const D: usize = 96;
const H: usize = 160;

thread_local! {
    /// Every span that this thread opened: its name, a field and the field's value.
    static HEARD: RefCell<BTreeSet<[String; 3]>> = RefCell::default();
}

struct Listener;

struct Fields(&'static str);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let heard = [self.0, field.name(), &format!("{value:?}")].map(str::to_owned);
        HEARD.with_borrow_mut(|all| all.insert(heard));
    }
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("jokbo_audit")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut Fields(span.metadata().name()));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// The spans of one comparison that carry `field`, with what it says.
fn heard(suspect: &Model, reference: &Model, field: &str) -> BTreeSet<[String; 2]> {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| tracing::subscriber::set_global_default(Listener).unwrap());
    let (suspect, reference) = (suspect.open(), reference.open());
    HEARD.take();
    compare(&suspect, &reference, &Plan::default(), &Silent).unwrap();
    let with = HEARD.take().into_iter().filter(|[_, name, _]| name == field);
    with.map(|[span, _, value]| [span, value]).collect()
}

fn parent() -> Model {
    Model::new(1).vocabulary(300).language("", 4, D, H)
}

fn other() -> Model {
    Model::new(3).language("", 4, D, H)
}

/// The steps that were about the language model.
fn steps(all: &BTreeSet<[String; 2]>) -> BTreeSet<&str> {
    let language = all.iter().filter(|[_, component]| component == "language-model");
    language.map(|[step, _]| step.as_str()).collect()
}

#[test]
fn every_step_carries_the_component_it_is_about() {
    let copy = heard(&parent().noised(0.3, 9), &parent(), "component");
    let hidden = own_attention(rotate(renumber_units(parent().noised(0.3, 9), H), D), other());
    let hidden = heard(&hidden, &parent(), "component");
    let always = [
        "layer map",
        "formulas",
        "values side by side",
        "hidden units",
        "residual coordinates",
        "attention",
    ];
    let all = |more: &[&'static str]| BTreeSet::from_iter(always.into_iter().chain(more.to_vec()));
    assert_eq!(steps(&copy), all(&["changes", "expert map"]));
    let rungs =
        ["ladder", "layers lined up", "renumbered units", "anchored units", "matched units"];
    assert_eq!(steps(&hidden), all(&rungs));
    let components: BTreeSet<&str> = copy.iter().map(|[_, name]| name.as_str()).collect();
    assert_eq!(components, BTreeSet::from(["language-model", "output-head", "token-embedding"]));
}

#[test]
fn what_is_about_whole_models_carries_their_names() {
    let source = parent().open().checkpoint.source.clone();
    let one = heard(&parent(), &other(), "model");
    assert_eq!(one, BTreeSet::from([["tokenizers".to_owned(), source.clone()]]));
    let all = heard(&parent(), &other(), "models");
    let both = format!("{source}, {source}");
    assert_eq!(all, BTreeSet::from([["digests and values".to_owned(), both]]));
}
