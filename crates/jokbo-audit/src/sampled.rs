//! A verdict from a sample: seeded stretches in growing looks, until it is settled.
//!
//! Every look at a component draws more than the one before, and all that was drawn is tested
//! again. How much of the level each look may spend was written down beforehand
//! ([`jokbo_statistics::sequential`]), so the looking may stop for any reason: because the verdict is
//! settled ([`rules::is_settled`]), because all was drawn, or because the bytes ran out. What is to
//! be read is known before it is read, which is also how `plan` knows it.

use std::collections::BTreeMap;

use jokbo_components::ComponentPairing;
use jokbo_statistics::formula::Formula;
use jokbo_statistics::sequential::LOOKS;
use jokbo_verdict::{
    Case, Cost, Exhibit, NotMeasured, PlannedBytes, PlannedPart, ReadingPlan, Stopped, rules,
};

use crate::compare::opening_oddities;
use crate::content;
use crate::exhibit::{self, Scene};
use crate::prepared::Prepared;
use crate::step::step;
use crate::{Error, Opened, Plan, Progress, Reading, survey};

mod choice;
mod held;
mod look;
mod spans;
mod spread;
mod subject;

use held::Holding;
use spans::Spans;
use subject::{Drawn, Pool};

/// Something of each of the two models.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Both<T> {
    pub(crate) suspect: T,
    pub(crate) reference: T,
}

impl Both<Spans> {
    fn and(&self, other: &Self) -> Self {
        Self {
            suspect: self.suspect.clone().and(&other.suspect),
            reference: self.reference.clone().and(&other.reference),
        }
    }
}

/// A component with what is known of it so far.
struct Subject<'a> {
    pairing: &'a ComponentPairing,
    pool: Pool,
    formulas: BTreeMap<usize, Formula>,
    has_sinusoids: bool,
    drawn: Drawn,
    /// The smallest p of each test over the looks made, paid for.
    least: BTreeMap<&'static str, f64>,
    exhibit: Exhibit,
    read: u64,
    looks: usize,
    stopped: Option<Stopped>,
}

/// Both checkpoints, held piece by piece, and what may still be read.
struct Reader<'a> {
    held: Both<Holding>,
    plan: &'a Plan,
    progress: &'a dyn Progress,
    components: usize,
    most: u64,
}

impl Reader<'_> {
    fn scene(&self) -> Scene<'_> {
        Scene {
            suspect: &self.held.suspect.opened,
            reference: &self.held.reference.opened,
            plan: self.plan,
            progress: self.progress,
            components: self.components,
            known: None,
        }
    }

    fn missing(&self, wanted: &Both<Spans>) -> u64 {
        let Both { suspect, reference } = wanted;
        self.held.suspect.missing(suspect).bytes() + self.held.reference.missing(reference).bytes()
    }

    /// Fetches what is missing of `wanted`; `None`, and nothing is fetched, when that is more than
    /// may be read.
    fn fetch(&mut self, wanted: &Both<Spans>) -> Result<Option<u64>, Error> {
        let Both { suspect, reference } = &mut self.held;
        let missing =
            suspect.missing(&wanted.suspect).bytes() + reference.missing(&wanted.reference).bytes();
        let before = suspect.opened.bytes_read() + reference.opened.bytes_read();
        if self.most < before.saturating_add(missing) {
            return Ok(None);
        }
        let _step = step!("fetching", bytes = missing);
        suspect.fetch(&wanted.suspect, self.progress)?;
        reference.fetch(&wanted.reference, self.progress)?;
        Ok(Some(self.read() - before))
    }

    /// Different bytes read of both so far.
    fn read(&self) -> u64 {
        self.held.suspect.opened.bytes_read() + self.held.reference.opened.bytes_read()
    }
}

/// Measures what settles a verdict on every component, and no more.
pub(crate) fn case(
    ready: &Prepared<'_>,
    looks: usize,
    plan: &Plan,
    progress: &dyn Progress,
) -> Result<Case, Error> {
    let Prepared { suspect, reference, pairings, .. } = ready;
    let mut missing = wholes();
    missing.extend(ready.not_looked_for.clone());
    let most_bytes = match plan.reading {
        Reading::Sampled { most_bytes } => most_bytes,
        Reading::Full => None,
    };
    let mut reader = Reader {
        held: Both { suspect: Holding::new(suspect), reference: Holding::new(reference) },
        plan,
        progress,
        components: looks,
        most: most_bytes.unwrap_or(u64::MAX),
    };
    let mut subjects = first_reads(&mut reader, pairings)?;
    for look in 0..LOOKS {
        take(&mut reader, &mut subjects, look)?;
    }
    let scene = reader.scene();
    let cost = Cost { read: reader.read(), stored: suspect.bytes() + reference.bytes() };
    let exhibits = subjects.into_iter().map(|subject| look::finished(scene, subject));
    Ok(Case {
        level: plan.level,
        seed: plan.seed,
        looks,
        suspect: suspect.model(survey::published(suspect)),
        reference: reference.model(survey::published(reference)),
        exhibits: exhibits.collect(),
        oddities: opening_oddities(suspect, reference),
        cost,
        architecture: None,
        tokenizer: None,
        not_measured: missing,
    })
}

/// What a sample cannot say of the checkpoints as wholes.
fn wholes() -> Vec<NotMeasured> {
    let of = |what: &str, why: &str| NotMeasured { what: what.to_owned(), why: why.to_owned() };
    vec![
        of("files.sha256", "a sample was read, and a digest needs every byte"),
        of("oddities", "weights that are not finite were not looked for outside the sample"),
    ]
}

/// Every component with its pool, formulas taken out.
fn first_reads<'a>(
    reader: &mut Reader<'_>,
    pairings: &'a [ComponentPairing],
) -> Result<Vec<Subject<'a>>, Error> {
    let scene = reader.scene();
    let pools: Vec<Pool> = pairings.iter().map(|pairing| Pool::of(scene, pairing)).collect();
    let wanted: Vec<Both<Spans>> =
        pools.iter().map(|pool| pool.first_reads(scene).spans(scene)).collect();
    let bytes = wanted.iter().map(|wanted| reader.missing(wanted)).sum();
    reader.progress.stage("looking for formulas", bytes);
    let mut subjects = Vec::new();
    for ((pairing, mut pool), wanted) in pairings.iter().zip(pools).zip(wanted) {
        let read = reader.fetch(&wanted)?;
        let scene = reader.scene();
        let (formulas, has_sinusoids) = match read {
            Some(_) => {
                let _step = step!("formulas", pairing.component);
                pool.without_formulas(scene)?
            }
            None => (BTreeMap::new(), false),
        };
        subjects.push(Subject {
            pairing,
            pool,
            formulas,
            has_sinusoids,
            drawn: Drawn::default(),
            least: BTreeMap::new(),
            exhibit: exhibit::about(scene, pairing),
            read: read.unwrap_or(0),
            looks: 0,
            stopped: read.is_none().then_some(Stopped::Budget),
        });
    }
    Ok(subjects)
}

/// Takes look number `look` at every component that is not done.
fn take(reader: &mut Reader<'_>, subjects: &mut [Subject<'_>], look: usize) -> Result<(), Error> {
    reader.progress.stage("choosing a sample", 0);
    let mut wanted = Vec::new();
    let scene = reader.scene();
    for (k, subject) in subjects.iter_mut().enumerate().filter(|(_, s)| s.stopped.is_none()) {
        let Subject { pairing, pool, has_sinusoids, .. } = &*subject;
        let _step = step!("choosing a sample", pairing.component);
        let drawn = Drawn::of(scene, pairing, pool, *has_sinusoids, look);
        if drawn == subject.drawn && 0 < look {
            subject.stopped = Some(Stopped::Exhausted);
            continue;
        }
        wanted.push((k, drawn.reads(scene).spans(scene), drawn));
    }
    if wanted.is_empty() {
        return Ok(());
    }
    let all = wanted.iter().fold(Both::default(), |all: Both<Spans>, (_, more, _)| all.and(more));
    reader.progress.stage(&format!("sampling weights, look {}", look + 1), reader.missing(&all));
    for (k, spans, drawn) in wanted {
        let subject = &mut subjects[k];
        let Some(read) = reader.fetch(&spans)? else {
            subject.stopped = Some(Stopped::Budget);
            continue;
        };
        subject.drawn = drawn;
        let before = reader.read();
        look::measure(reader.scene(), subject, look)?;
        subject.read += read + (reader.read() - before);
        subject.looks = look + 1;
        if rules::is_settled(&subject.exhibit, reader.plan.level, reader.components) {
            subject.stopped = Some(Stopped::Settled);
        } else if look + 1 == LOOKS {
            subject.stopped = Some(Stopped::LastLook);
        }
    }
    Ok(())
}

/// What is read to find tensors that no name places: nothing where that would cost too much.
fn by_content(scene: Scene<'_>) -> Both<Spans> {
    let Scene { suspect, reference, .. } = scene;
    let (ours, theirs, bytes) = content::looked_at(suspect, reference);
    if content::most_sampled(suspect, reference) < bytes {
        return Both::default();
    }
    let places = |opened: &Opened, parts: &[usize]| {
        let all = parts.iter();
        all.flat_map(|&part| subject::places_of_whole(opened, part)).collect::<Vec<_>>()
    };
    Both { suspect: places(suspect, &ours), reference: places(reference, &theirs) }.spans(scene)
}

/// What would be read: by the first look at least, by all looks at most.
pub(crate) fn planned(
    scene: Scene<'_>,
    pairings: &[ComponentPairing],
    sources: Vec<String>,
    most_bytes: Option<u64>,
) -> ReadingPlan {
    let Scene { suspect, reference, .. } = scene;
    let opening = suspect.bytes_read() + reference.bytes_read();
    let content = by_content(scene);
    let (mut least, mut most) = (content.clone(), content.clone());
    let content = content.suspect.bytes() + content.reference.bytes();
    let mut parts = Vec::new();
    for pairing in pairings {
        let pool = Pool::of(scene, pairing);
        let first = pool.first_reads(scene).spans(scene);
        let drawn = |look| Drawn::of(scene, pairing, &pool, false, look).reads(scene).spans(scene);
        let (few, mut all) = (first.and(&drawn(0)), first);
        (0..LOOKS).for_each(|look| all = all.and(&drawn(look)));
        let more = |sum: &Both<Spans>, spans: &Both<Spans>| {
            spans.suspect.without(&sum.suspect).bytes()
                + spans.reference.without(&sum.reference).bytes()
        };
        let bytes = PlannedBytes {
            least: more(&least, &few),
            most: more(&most, &all),
            stored: exhibit::stored(scene, pairing),
        };
        (least, most) = (least.and(&few), most.and(&all));
        let what = pairing.component.to_string();
        parts.push(PlannedPart { what, is_component: true, bytes });
    }
    let stored = suspect.bytes() + reference.bytes();
    let other = |what: &str, read: u64, stored| PlannedPart {
        what: what.to_owned(),
        is_component: false,
        bytes: PlannedBytes { least: read, most: read, stored },
    };
    parts.push(other("headers, read already", opening, opening));
    if 0 < content {
        parts.push(other("tensors that no name places", content, content));
    }
    let sum = |pick: fn(&PlannedBytes) -> u64| parts.iter().map(|part| pick(&part.bytes)).sum();
    let allowed = |bytes: u64| most_bytes.map_or(bytes, |most| bytes.min(most.max(opening)));
    let total =
        PlannedBytes { least: allowed(sum(|b| b.least)), most: allowed(sum(|b| b.most)), stored };
    ReadingPlan { sources, sampled: true, parts, total }
}
