//! What was drawn of one group of units, read from both models and scored a few features at a time, so that
//! what is held does not grow with the number of features.

use std::ops::Range;

use jokbo_components::Pair;
use jokbo_statistics::agreement::Agreement;
use jokbo_statistics::cosines::Cosines;
use jokbo_statistics::features::Features;
use jokbo_statistics::permutation::Group;
use jokbo_statistics::scores::Scores;
use jokbo_verdict::Section;
use rayon::prelude::*;

use super::{Drawing, Member, Side, Tests, UnitGroup, section};
use crate::{Error, Opened, adapter};

/// Features that are held of every unit at once. Those of one tensor weigh the same together, and of a tensor
/// that has more of them those of each run.
pub(crate) const TOGETHER: usize = 512;

/// What was drawn from one group, scored.
pub(super) struct Scored {
    /// Counts of equal stored values, of the first few units. `None` where they do not vary.
    pub(super) equal: Option<Group>,
    /// Cosines of centred rows, and what they say of the group by itself. `None` where they do not vary.
    pub(super) cosines: Option<(Group, Section, Agreement)>,
    /// Those at equal numbers.
    pub(super) diagonal: Vec<f64>,
}

impl Scored {
    /// Reads the drawn units and features of group `number` from both models. Equal stored values are counted among the first
    /// `few` units.
    pub(super) fn of(
        (suspect, reference): (&Opened, &Opened),
        (number, drawing): (usize, &Drawing),
        few: usize,
        tests: &Tests,
    ) -> Result<Self, Error> {
        let few = few.min(drawing.units.len());
        let mut cosines = Cosines::new(drawing.units.len());
        let mut equal = Scores::zeros(few);
        for block in blocks(drawing) {
            let pieces: Vec<Piece<'_>> =
                block.iter().map(|at| piece(suspect, drawing, at)).collect();
            let (mine, theirs) = rayon::join(
                || Read::of(suspect, |pair| pair.suspect, &drawing.units, &pieces, few),
                || Read::of(reference, |pair| pair.reference, &drawing.units, &pieces, few),
            );
            let (mine, theirs) = (mine?, theirs?);
            cosines.add(&mine.centred, &theirs.centred);
            equal.add_equal_values(&mine.stored, &theirs.stored);
        }
        let scores = cosines.scores();
        let diagonal = scores.diagonal();
        let cosines = Group::of(scores, &tests.cosines, number).map(|group| {
            let UnitGroup { name, layer, .. } = &drawing.group;
            let (section, agreement) = section(name.clone(), *layer, &group, &diagonal);
            (group, section, agreement)
        });
        Ok(Self { equal: Group::of(equal, &tests.equal, number), cosines, diagonal })
    }
}

/// A member by number, and which of its features.
type At = (usize, Range<usize>);

/// All features of a drawing in blocks of [`TOGETHER`] at most: whole members while they fit, and runs of one
/// that is wider.
fn blocks(drawing: &Drawing) -> Vec<Vec<At>> {
    let mut blocks: Vec<Vec<At>> = Vec::new();
    let mut room = 0;
    for (member, features) in drawing.features.iter().enumerate() {
        for start in (0..features.len()).step_by(TOGETHER) {
            let run = start..features.len().min(start + TOGETHER);
            if room < run.len() {
                blocks.push(Vec::new());
                room = TOGETHER;
            }
            room -= run.len();
            blocks.last_mut().into_iter().for_each(|block| block.push((member, run.clone())));
        }
    }
    blocks
}

/// Features of one member.
struct Piece<'a> {
    member: &'a Member,
    features: &'a [u64],
    /// Whether equal stored values count.
    speaks: bool,
}

fn piece<'a>(suspect: &Opened, drawing: &'a Drawing, (member, run): &At) -> Piece<'a> {
    let features = &drawing.features[*member][run.clone()];
    let member = &drawing.group.members[*member];
    let speaks = adapter::equality_speaks(suspect, member.pair.suspect);
    Piece { member, features, speaks }
}

/// Features of one model's units: as stored, of the first few, and centred.
struct Read {
    stored: Features,
    centred: Features,
}

impl Read {
    fn of(
        opened: &Opened,
        part: fn(&Pair) -> usize,
        units: &[u64],
        pieces: &[Piece<'_>],
        few: usize,
    ) -> Result<Self, Error> {
        let read = |Piece { member, features, .. }: &Piece<'_>| -> Result<Vec<f32>, Error> {
            let tensor = opened.tensor(part(&member.pair));
            Ok(match member.side {
                Side::Rows => tensor.gather(units, features)?,
                Side::Cols => tensor.gather(features, units)?,
            })
        };
        let values: Vec<Result<Vec<f32>, Error>> = pieces.par_iter().map(read).collect();
        let width = |speaks: fn(&Piece<'_>) -> bool| {
            pieces.iter().filter(|p| speaks(p)).map(|p| p.features.len()).sum()
        };
        let mut stored = Features::zeros(few, width(|piece| piece.speaks));
        let mut centred = Features::zeros(units.len(), width(|_| true));
        let (mut at_stored, mut at_centred) = (0, 0);
        for (values, Piece { member, features, speaks }) in values.into_iter().zip(pieces) {
            let (values, wide) = (values?, features.len());
            let put = |into: &mut Features, at: usize| match member.side {
                Side::Rows => into.put(at, &values[..into.units() * wide]),
                Side::Cols => into.put_turned(at, &values, units.len()),
            };
            put(&mut centred, at_centred);
            centred.centre(at_centred, wide);
            at_centred += wide;
            if *speaks {
                put(&mut stored, at_stored);
                at_stored += wide;
            }
        }
        Ok(Self { stored, centred })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jokbo_components::{Expert, PairedBy};

    fn drawing(widths: &[u64]) -> Drawing {
        let pair = Pair { suspect: 0, reference: 0, by: PairedBy::Role };
        let members = vec![Member { pair, side: Side::Rows }; widths.len()];
        let (name, expert) = ("layer 0".to_owned(), Expert::None);
        let group = UnitGroup { name, layer: None, expert, members, units: 2, inferred: false };
        let features = widths.iter().map(|width| (0..*width).collect()).collect();
        Drawing { group, units: vec![0, 1], features }
    }

    #[test]
    fn every_feature_is_in_one_block_and_no_block_is_wider_than_what_is_held() {
        let widths = [512, 512, 0, 512, 1, 511, 2500, 3];
        let blocks = blocks(&drawing(&widths));
        let wide = |block: &Vec<At>| block.iter().map(|(_, run)| run.len()).sum::<usize>();
        assert!(blocks.iter().all(|block| (1..=TOGETHER).contains(&wide(block))));
        let all: Vec<At> = blocks.concat();
        for (member, width) in widths.into_iter().enumerate() {
            let runs = all.iter().filter(|(of, _)| *of == member);
            let features: Vec<usize> = runs.flat_map(|(_, run)| run.clone()).collect();
            assert_eq!(features, (0..usize::try_from(width).unwrap()).collect::<Vec<_>>());
        }
        // What fits is not cut.
        let parts = |member: usize| all.iter().filter(|(of, _)| *of == member).count();
        assert_eq!([0, 1, 3, 4, 5, 6, 7].map(parts), [1, 1, 1, 1, 1, 5, 1]);
    }
}
