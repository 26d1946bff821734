//! The rules, one function each, with their thresholds and where those come from.

use jokbo_statistics::many;

use crate::{Ancestry, Case, Exhibit, Grade, Power, Section, Test, TestKind};

/// Aligned cosine at and above which a shared checkpoint is said rather than a shared random
/// initialisation. Measured: two trainings from scratch from one seed on the same language keep
/// 0.3 to 0.5 in matrices, on another language 0.2.
pub const CHECKPOINT_COSINE: f64 = 0.9;

/// Aligned cosine that a finding must show when its axes were inferred from structure and not
/// known from names. An axis with a meaning (positions, classes) mistaken for hidden units can give
/// a small p between unrelated models, never a value near this one.
pub const INFERRED_COSINE: f64 = 0.3;

/// Share of equal stored values that serves instead of [`INFERRED_COSINE`].
pub const INFERRED_EQUAL: f64 = 0.05;

/// Elements that must be equal, formulas left out, for "identical" to stand without an exact test.
/// Trained values carry at least some bits each: a thousand of them do not agree by chance.
pub const IDENTICAL_ELEMENTS: u64 = 1000;

/// Share of a component's parameters below which "no evidence" is not said: too little was tested
/// to speak for the component.
pub const LEAST_COVERAGE: f64 = 0.05;

/// A section counts as unrelated beside related ones when its own p is above this …
pub const SECTION_CLEAN_LOG10_P: f64 = -3.0;
/// … and its aligned cosine is below this share of the related sections' median.
pub const SECTION_CLEAN_RATIO: f64 = 0.25;

/// Share of matched units that must agree for a model-based p to carry a finding …
pub const LEAST_AGREEING: f64 = 0.5;
/// … where no control shows more than this. Measured: a rotated and renumbered copy 1.0, unrelated
/// networks 0.001 and neighbouring layers of one parent 0.1 to 0.2.
pub const MOST_AGREEING_CONTROL: f64 = 0.05;

/// How far off the way from the suspect to a farther relative a nearer one may lie, as a share of
/// its shorter link, to be said to lie on it; and how far below, which says that the cosines were
/// not measured alike. Measured on small trained networks: a parent between child and grandparent
/// -0.13 to 0.00, a common parent between its children -0.25 to 0.18; the parents of a mixture and
/// theirs 0.34 to 1.48.
pub const MOST_DETOUR: f64 = 0.25;

/// Share of the suspect's parameters above which no evidence is said together with what was compared
/// with nothing.
pub const UNPLACED: f64 = 0.05;

/// Tests a component can have: seven under the stored numbering, two of attention among them, and the
/// three rungs of the alignment ladder. A component pays for all of them
/// whether they could run or not, so that a test which is missing never makes another one stronger.
pub const TESTS: usize = 10;

/// A sample settles "no evidence" when a mean aligned cosine of this size would have been found:
/// a sixth of the least that was measured between trainings from one random start …
pub const SETTLED_COSINE: f64 = 0.05;
/// … or this share of copied units …
pub const SETTLED_SHARE: f64 = 0.1;
/// … and no test came near: all stand above this.
pub const SETTLED_LOG10_P: f64 = -3.0;

/// Whether a test looks at attention alone.
pub fn is_of_attention(test: &Test) -> bool {
    ["attention-heads", "attention-products"].contains(&test.name)
}

/// Each exhibit's p over its own tests (Bonferroni), then over all components of all cases that
/// share a level (Holm); a look that was planned and not made counts with a p of 1. `None` for a
/// component without a test; it still counts as a look. Decimal logarithms, case by case.
pub fn adjusted(cases: &[&Case]) -> Vec<Vec<Option<f64>>> {
    let own = |exhibit: &Exhibit| {
        let mut ps: Vec<f64> = exhibit.tests.iter().map(|test| test.log10_p).collect();
        ps.resize(ps.len().max(TESTS), 0.0);
        many::bonferroni(&ps).unwrap_or(0.0)
    };
    let exhibits = || cases.iter().flat_map(|case| &case.exhibits);
    let mut all: Vec<f64> = exhibits().map(own).collect();
    let looks = cases.iter().map(|case| case.looks).max().unwrap_or(0);
    all.resize(all.len().max(looks), 0.0);
    let tested = exhibits().map(|exhibit| !exhibit.tests.is_empty());
    let mut paid = many::holm(&all).into_iter().zip(tested).map(|(p, tested)| tested.then_some(p));
    cases.iter().map(|case| paid.by_ref().take(case.exhibits.len()).collect()).collect()
}

/// The p at which one test of one component is surely called: the level of the whole comparison,
/// paid for by every look. Decimal logarithm.
pub fn test_level(level: f64, components: usize) -> f64 {
    look_level(level, components * TESTS)
}

/// The level of one of `looks` looks. Decimal logarithm.
pub fn look_level(level: f64, looks: usize) -> f64 {
    level.log10() - jokbo_statistics::number::float_usize(looks.max(1)).log10()
}

/// Whether a verdict may become a finding: only then is it asked how the weights were changed.
pub fn may_be_found(exhibit: &Exhibit, log10_level: f64) -> bool {
    all_values_equal(exhibit)
        || is_contained(exhibit)
        || exhibit.tests.iter().any(|test| test.log10_p <= log10_level)
}

/// Every stored value of the component equals the reference's, and nothing is left over.
pub fn all_values_equal(exhibit: &Exhibit) -> bool {
    exhibit.values.is_some_and(|v| v.complete && v.equal == v.pairs && 0 < v.pairs)
}

/// Whether equality of all values stands on its own.
pub fn equality_is_probative(exhibit: &Exhibit, significant: bool) -> bool {
    let elements = exhibit.values.map_or(0, |v| v.pairs);
    significant || IDENTICAL_ELEMENTS <= elements
}

/// Whether all of the component stands in a reference that holds more, and enough learned values
/// with it that nothing but a copy can be the reason. One tensor is not enough: a table that both
/// computed may not be known here as a formula.
pub fn is_contained(exhibit: &Exhibit) -> bool {
    exhibit.contained.is_some_and(|c| 2 <= c.tensors && IDENTICAL_ELEMENTS <= c.distinct)
}

/// Whether a small p may be called: always for known axes, and for inferred ones only with an
/// effect that a mistaken axis cannot give.
pub fn effect_suffices(exhibit: &Exhibit) -> bool {
    let inferred = exhibit.tests.iter().all(|test| test.kind != TestKind::Exact);
    let cosine = exhibit.aligned.is_some_and(|a| INFERRED_COSINE <= a.value);
    let equal = exhibit.values.is_some_and(|v| {
        let number = jokbo_statistics::number::float;
        0 < v.pairs && INFERRED_EQUAL <= number(v.equal) / number(v.pairs)
    });
    !inferred || cosine || equal
}

/// Whether the ground of a component's small p bears a finding: an exact test that reached
/// `level`, or whose p is the smallest; or a model-based one whose effect lies far beyond every
/// control.
pub fn ground_suffices(exhibit: &Exhibit, level: f64) -> bool {
    let smallest = |model_based: bool| {
        let of_kind = |test: &&crate::Test| (test.kind == TestKind::ModelBased) == model_based;
        exhibit.tests.iter().filter(of_kind).map(|test| test.log10_p).fold(0.0, f64::min)
    };
    let (exact, modelled) = (smallest(false), smallest(true));
    let beyond = |alignment: &crate::Alignment| {
        alignment.agreeing_share.is_some_and(|share| LEAST_AGREEING <= share)
            && alignment.control_share.is_some_and(|share| share <= MOST_AGREEING_CONTROL)
    };
    exact <= level || exact <= modelled || exhibit.alignment.as_ref().is_some_and(beyond)
}

/// The network whose residual stream a table of tokens lies along, and how that stream lies to the
/// reference's, where it had to be undone to find what it hid. Of the tables no test is left then:
/// the coordinates were fitted on them, and tokens have a meaning.
pub fn undone_under<'a>(case: &'a Case, exhibit: &Exhibit) -> Option<(&'a str, &'static str)> {
    let is_table = ["token-embedding", "output-head"].contains(&exhibit.component.as_str());
    let speaks = |e: &&Exhibit| ["language-model", "text-encoder"].contains(&e.component.as_str());
    let undone = |e: &'a Exhibit| {
        let alignment = e.alignment.as_ref().filter(|a| a.residual != "kept")?;
        Some((e.component.as_str(), alignment.residual))
    };
    case.exhibits.iter().filter(speaks).find_map(undone).filter(|_| is_table)
}

/// The network of the case that reads or writes a table of tokens and was found related, where the
/// table itself was not: its tokens may carry other numbers.
pub fn found_beside<'a>(case: &'a Case, exhibit: &Exhibit) -> Option<&'a str> {
    let is_table = ["token-embedding", "output-head"].contains(&exhibit.component.as_str());
    let level = test_level(case.level, case.exhibits.len());
    let speaks = |e: &&Exhibit| ["language-model", "text-encoder"].contains(&e.component.as_str());
    let found = case.exhibits.iter().filter(speaks).find(|e| may_be_found(e, level));
    found.map(|e| e.component.as_str()).filter(|_| is_table)
}

/// Share of the suspect's parameters in tensors that no name places and nothing was compared with, in
/// `[0, 1]`.
pub fn unplaced_share(case: &Case) -> f64 {
    let is_unplaced = |e: &&Exhibit| {
        e.component.starts_with("other:") && e.tests.is_empty() && e.values.is_none()
    };
    case.exhibits.iter().filter(is_unplaced).map(|e| e.share).sum()
}

/// Whether reading more could hardly change the verdict on a sampled component: a finding of which
/// every section is decided, or nothing near a finding and enough power. Stopping here is free: each
/// look was paid for before.
pub fn is_settled(exhibit: &Exhibit, level: f64, components: usize) -> bool {
    let test_level = test_level(level, components);
    let least = exhibit.tests.iter().map(|test| test.log10_p).fold(f64::INFINITY, f64::min);
    if least <= test_level {
        let looks = components * exhibit.sections.len();
        let (related, clean) = split_sections(&exhibit.sections, look_level(level, looks));
        let decided = related.len() + clean.len() == exhibit.sections.len();
        return effect_suffices(exhibit) && decided;
    }
    let Power { aligned_cosine, units_share, .. } = &exhibit.power;
    let strong = aligned_cosine.is_some_and(|c| c <= SETTLED_COSINE)
        || units_share.is_some_and(|share| share <= SETTLED_SHARE);
    let covered = crate::share(exhibit.coverage.tested, exhibit.parameters).unwrap_or(0.0);
    !exhibit.tests.is_empty() && SETTLED_LOG10_P < least && strong && LEAST_COVERAGE <= covered
}

/// Whether attention alone shares ancestry: its own tests reached `level`, and those of hidden units
/// ran, under their numbers and on the ladder, with nothing near it. What tests residual coordinates or
/// equal values draws from attention, too, and tells the two apart no better.
pub fn is_attention_alone(exhibit: &Exhibit, level: f64) -> bool {
    let shared = ["residual-coordinates", "equal-values"];
    let is_of_units = |t: &&Test| !is_of_attention(t) && !shared.contains(&t.name);
    let reached = |t: &Test| is_of_attention(t) && t.log10_p <= level;
    let mut of_units = exhibit.tests.iter().filter(is_of_units).peekable();
    exhibit.tests.iter().any(reached)
        && of_units.peek().is_some()
        && of_units.all(|test| SECTION_CLEAN_LOG10_P < test.log10_p)
}

/// Sections that are significant by themselves, and sections that are clean beside them.
/// `level` is the decimal logarithm of the level for one section.
pub fn split_sections(sections: &[Section], level: f64) -> (Vec<&Section>, Vec<&Section>) {
    let related: Vec<&Section> = sections.iter().filter(|s| s.log10_p <= level).collect();
    let mut cosines: Vec<f64> = related.iter().map(|s| s.aligned_cosine).collect();
    cosines.sort_by(f64::total_cmp);
    let Some(&median) = cosines.get(cosines.len() / 2) else {
        return (related, Vec::new());
    };
    let clean = |s: &&Section| {
        SECTION_CLEAN_LOG10_P < s.log10_p && s.aligned_cosine < SECTION_CLEAN_RATIO * median
    };
    let clean = sections.iter().filter(clean).collect();
    (related, clean)
}

/// What a finding says about where the weights come from.
///
/// "Derived from a checkpoint" needs what a common random initialisation cannot give: equal stored
/// values beyond any renumbering's, or an aligned cosine near 1.
pub fn ancestry(exhibit: &Exhibit, grade: Grade, level: f64) -> Ancestry {
    let equal_values =
        exhibit.tests.iter().any(|test| test.name == "equal-values" && test.log10_p <= level);
    // The first matrix of an adapter stays near its random start, so a common start is enough for a
    // cosine near 1.
    let close =
        !exhibit.of_adapters && exhibit.aligned.is_some_and(|a| CHECKPOINT_COSINE <= a.value);
    let copied = is_contained(exhibit);
    match grade {
        Grade::Identical => Ancestry::Checkpoint,
        Grade::Derived | Grade::PartlyDerived if equal_values || close || copied => {
            Ancestry::Checkpoint
        }
        Grade::Derived | Grade::PartlyDerived => Ancestry::CheckpointOrInitialisation,
        Grade::NoEvidence | Grade::Inconclusive | Grade::NotComparable => Ancestry::NoneFound,
    }
}
