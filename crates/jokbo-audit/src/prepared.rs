//! Two checkpoints made ready to be compared: recognised and lined up, nothing tested yet.

use std::borrow::Cow;
use std::collections::BTreeSet;

use jokbo_components::{ComponentPairing, Pair, pair_with};
use jokbo_verdict::NotMeasured;

use crate::adapter::{self, Kinds};
use crate::content::{self, Recognised};
use crate::once::SideBySide;
use crate::plan::Reading;
use crate::{Error, Opened, Plan, Progress};

/// A suspect and a reference with the components that will be looked at.
pub(crate) struct Prepared<'a> {
    pub(crate) kinds: Kinds,
    pub(crate) suspect: Cow<'a, Opened>,
    /// With its networks called as those of the suspect that they answer to.
    pub(crate) reference: Opened,
    /// The components that were asked for; all when empty.
    pub(crate) components: Vec<String>,
    /// Parts that what they hold paired.
    pub(crate) found: Vec<Pair>,
    /// One for each component that was asked for.
    pub(crate) pairings: Vec<ComponentPairing>,
    /// Whether only a sample is read. Adapters, which are small, are read in full all the same.
    pub(crate) is_sampled: bool,
    /// Tensors that no name places were not looked for, and why.
    pub(crate) not_looked_for: Option<NotMeasured>,
}

impl Prepared<'_> {
    /// The pairs of all its components; none where only a sample is read.
    pub(crate) fn side_by_side(&self) -> SideBySide<'_> {
        let pairings = self.pairings.iter().filter(|_| !self.is_sampled);
        let pairs: BTreeSet<Pair> = pairings.flat_map(|p| &p.pairs).copied().collect();
        let pairs = pairs.into_iter().collect();
        SideBySide { suspect: &self.suspect, reference: &self.reference, pairs }
    }
}

/// Makes a pair ready: reads only what finds tensors that no name places.
pub(crate) fn prepare<'a>(
    suspect: &'a Opened,
    reference: &Opened,
    plan: &Plan,
    progress: &dyn Progress,
) -> Result<Prepared<'a>, Error> {
    let answering = reference.answering_to(suspect);
    let kinds = Kinds::of(suspect, &answering);
    let is_sampled = kinds == Kinds::Models && matches!(plan.reading, Reading::Sampled { .. });
    let too_long = is_sampled && {
        let (.., bytes) = content::looked_at(suspect, &answering);
        content::most_sampled(suspect, &answering) < bytes
    };
    let (suspect, reference) = match kinds {
        Kinds::Adapters => (Cow::Owned(adapter::checked(suspect)?), adapter::checked(&answering)?),
        Kinds::Models | Kinds::Mixed => (Cow::Borrowed(suspect), answering),
    };
    let recognised = match kinds {
        Kinds::Models if !too_long => {
            content::recognise(&suspect, &reference, plan.seed, progress)?
        }
        Kinds::Models | Kinds::Adapters | Kinds::Mixed => None,
    };
    let (suspect, reference, found) = match recognised {
        Some(Recognised { suspect, reference, pairs }) => (Cow::Owned(suspect), reference, pairs),
        None => (suspect, reference, Vec::new()),
    };
    let mut pairings = chosen(&suspect, &reference, &plan.components, &found)?;
    adapter::keep_comparable(kinds, &suspect, &mut pairings);
    let not_looked_for = too_long.then(|| NotMeasured {
        what: "found_by_content".to_owned(),
        why: "tensors that no name places are looked for in a full comparison only: that reads \
              them whole"
            .to_owned(),
    });
    let components = plan.components.clone();
    Ok(Prepared {
        kinds,
        suspect,
        reference,
        components,
        found,
        pairings,
        is_sampled,
        not_looked_for,
    })
}

/// The pairings of the components that were asked for; all when none was named.
pub(crate) fn chosen(
    suspect: &Opened,
    reference: &Opened,
    components: &[String],
    found: &[Pair],
) -> Result<Vec<ComponentPairing>, Error> {
    let pairings = pair_with(
        &suspect.assignment,
        &reference.assignment,
        &suspect.checkpoint.entries,
        &reference.checkpoint.entries,
        found,
    );
    let names: Vec<String> = pairings.iter().map(|p| p.component.to_string()).collect();
    if let Some(asked) = components.iter().find(|asked| !names.contains(asked)) {
        return Err(Error::NoSuchComponent { asked: asked.clone(), found: names.join(", ") });
    }
    let wanted = |p: &ComponentPairing| {
        components.is_empty() || components.contains(&p.component.to_string())
    };
    Ok(pairings.into_iter().filter(wanted).collect())
}
