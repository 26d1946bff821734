//! What one look draws: stretches of whole stored lines, chosen from the seed and the shapes alone.
//!
//! A test of numbering is exact on any units and features that were chosen without looking at a
//! value, so they may be chosen for what they cost. A line is what lies side by side in the file:
//! a row of a `[out, in]` matrix, a column of it where a writer stored the transpose. Where a line
//! is a unit (rows of gate and up) whole units are read; where a line is a feature of all units
//! (rows of `q`, for residual coordinates) whole features are. A matrix that would have to be
//! crossed, such as `down` for hidden units, is left out.

use jokbo_components::{Expert, Pair};
use jokbo_statistics::seed::Draws;
use jokbo_statistics::sequential::LOOKS;
use jokbo_tensors::{Block, Tensor};

use crate::Opened;
use crate::layer_map::{Common, CommonSlot};
use crate::renumbering::{Drawing, Member, Side, UnitGroup};

/// Lines that are drawn together: one request each. Long stretches cost fewer requests, short ones
/// stand for more of a tensor.
const STRETCH: u64 = 16;

/// Features of a unit that are scored, of all that its line holds.
const SCORED: u64 = 2048;

/// Features of a unit in the layer map: preparing one layer costs their square.
const MAPPED: u64 = 512;

/// Units that share lines of features: scoring costs their square.
const ACROSS: u64 = 512;

/// Units and features of a group that is stored crosswise in the two models, so that no stretch of
/// one is a stretch of the other.
const CROSSED: (u64, u64) = (64, 256);

/// How much one look draws, all looks before it included.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// Units of a group whose lines are units.
    pub(crate) units: u64,
    /// Lines of a group whose lines are features, over all its tensors.
    pub(crate) lines: u64,
    /// Tensors of a group whose lines are units, widest first.
    pub(crate) members: usize,
    /// Routed experts of a layer.
    pub(crate) experts: usize,
}

/// The looks. The last draws as many units as a full comparison does.
pub(crate) static SIZES: [Size; LOOKS] = [
    Size { units: 64, lines: 256, members: 1, experts: 2 },
    Size { units: 128, lines: 512, members: 2, experts: 4 },
    Size { units: 256, lines: 1024, members: usize::MAX, experts: 8 },
    Size { units: 512, lines: 2048, members: usize::MAX, experts: 8 },
];

/// About `want` numbers of `0..n` in stretches, in rising order: the first stretches of a seeded
/// order, so that a larger `want` only adds to a smaller one. All when `n <= want`.
pub(crate) fn stretches(n: u64, want: u64, seed: u64, purpose: &str) -> Vec<u64> {
    if n <= want {
        return (0..n).collect();
    }
    let mut cells: Vec<u64> = (0..n.div_ceil(STRETCH)).collect();
    Draws::new(seed, purpose).shuffle(&mut cells);
    cells.truncate(usize::try_from(want.div_ceil(STRETCH)).unwrap_or(usize::MAX));
    cells.sort_unstable();
    cells.into_iter().flat_map(|cell| cell * STRETCH..n.min((cell + 1) * STRETCH)).collect()
}

/// What lies side by side in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Unit,
    Feature,
}

/// What a line of this tensor is when `side` numbers the units. `None` when nothing of it lies
/// side by side.
fn line(tensor: Tensor<'_>, side: Side) -> Option<Line> {
    let view = tensor.view();
    let (rows, cols) = (view.rows_are_contiguous(), view.row_walk.is_run(view.rows));
    match (side, rows, cols) {
        (Side::Rows, true, _) | (Side::Cols, false, true) => Some(Line::Unit),
        (Side::Cols, true, _) | (Side::Rows, false, true) => Some(Line::Feature),
        (_, false, false) => None,
    }
}

/// The lines of a part that are these units, as blocks; none where a line is a feature.
pub(crate) fn whole_lines(opened: &Opened, part: usize, side: Side, units: &[u64]) -> Vec<Block> {
    let tensor = opened.tensor(part);
    if line(tensor, side) != Some(Line::Unit) {
        return Vec::new();
    }
    blocks_of((tensor.view().rows, tensor.view().cols), units, side == Side::Rows)
}

/// Stretches of rows, or of columns, of a matrix as blocks.
fn blocks_of((rows, cols): (u64, u64), lines: &[u64], are_rows: bool) -> Vec<Block> {
    let together = lines.chunk_by(|a, b| a + 1 == *b && b % STRETCH != 0);
    together
        .filter_map(|stretch| {
            let stretch = *stretch.first()?..stretch.last()? + 1;
            Some(if are_rows {
                Block { rows: stretch, cols: 0..cols }
            } else {
                Block { rows: 0..rows, cols: stretch }
            })
        })
        .collect()
}

/// Both models and the seed: what every choice needs.
#[derive(Clone, Copy)]
pub(crate) struct Choosing<'a> {
    pub(crate) suspect: &'a Opened,
    pub(crate) reference: &'a Opened,
    pub(crate) seed: u64,
}

impl Choosing<'_> {
    /// What a line is in both models.
    fn line(&self, member: &Member) -> Option<Line> {
        let a = line(self.suspect.tensor(member.pair.suspect), member.side)?;
        let b = line(self.reference.tensor(member.pair.reference), member.side)?;
        (a == b).then_some(a)
    }

    fn width(&self, member: &Member) -> u64 {
        member.width(self.suspect, self.reference)
    }

    fn of_line(&self, group: &UnitGroup, what: Line) -> Vec<Member> {
        let members = group.members.iter().copied();
        members.filter(|member| self.line(member) == Some(what)).collect()
    }

    /// Units of every group that number them by themselves.
    pub(crate) fn units(&self, groups: &[UnitGroup], size: Size) -> Vec<Drawing> {
        let kept = self.with_few_experts(groups, size.experts);
        kept.into_iter().map(|group| self.unit_drawing(group, size)).collect()
    }

    fn unit_drawing(&self, group: &UnitGroup, size: Size) -> Drawing {
        let mut of_units = self.of_line(group, Line::Unit);
        if !of_units.is_empty() {
            // A stable order: the layer map must take the same.
            of_units.sort_by_key(|member| std::cmp::Reverse(self.width(member)));
            of_units.truncate(size.members);
            return self.whole_units(group, of_units, size.units);
        }
        let of_features = self.of_line(group, Line::Feature);
        if of_features.is_empty() {
            return self.crossed(group);
        }
        let lines = |member: &Member| self.mapped_lines(self.width(member), size.units);
        let features = of_features.iter().map(lines).collect();
        self.across(group, of_features, features)
    }

    /// Residual coordinates of every network.
    pub(crate) fn residual(&self, groups: &[UnitGroup], size: Size) -> Vec<Drawing> {
        groups.iter().map(|group| self.residual_drawing(group, size)).collect()
    }

    fn residual_drawing(&self, group: &UnitGroup, size: Size) -> Drawing {
        let mut of_features = self.of_line(group, Line::Feature);
        if of_features.is_empty() {
            let mut of_units = self.of_line(group, Line::Unit);
            if of_units.is_empty() {
                return self.crossed(group);
            }
            of_units.truncate(size.members.saturating_mul(8));
            return self.whole_units(group, of_units, size.units);
        }
        let purpose = format!("sampled/members/{}", group.name);
        Draws::new(self.seed, &purpose).shuffle(&mut of_features);
        let features = self.dealt(&group.name, &of_features, size.lines);
        let drawn = of_features.into_iter().zip(features).filter(|(_, lines)| !lines.is_empty());
        let (members, features) = drawn.unzip();
        self.across(group, members, features)
    }

    /// `lines` lines dealt out stretch by stretch, one stretch to each member in turn.
    fn dealt(&self, group: &str, members: &[Member], lines: u64) -> Vec<Vec<u64>> {
        let cells = |member: &Member| self.width(member).div_ceil(STRETCH);
        let mut left = lines.div_ceil(STRETCH);
        let mut hands = vec![0u64; members.len()];
        while 0 < left {
            let before = left;
            for (hand, member) in hands.iter_mut().zip(members) {
                if 0 < left && *hand < cells(member) {
                    *hand += 1;
                    left -= 1;
                }
            }
            if left == before {
                break;
            }
        }
        let lines = |(k, (member, hand)): (usize, (&Member, u64))| {
            let purpose = format!("sampled/lines/{group}/{k}");
            stretches(self.width(member), hand * STRETCH, self.seed, &purpose)
        };
        members.iter().zip(hands).enumerate().map(lines).collect()
    }

    /// Whole units of `members`; only some of their features are scored where they have many.
    fn whole_units(&self, group: &UnitGroup, members: Vec<Member>, units: u64) -> Drawing {
        let most = if matches!(group.expert, Expert::Routed(_)) { 128 } else { u64::MAX };
        let features = members.iter().map(|member| {
            let width = self.width(member);
            Draws::new(self.seed, &format!("sampled/features/{width}")).choose(width, SCORED)
        });
        Drawing {
            units: self.mapped_units(group.units, units.min(most)),
            features: features.collect(),
            group: UnitGroup { members, ..group.clone() },
        }
    }

    /// Lines of features, with the same units picked out of each.
    fn across(&self, group: &UnitGroup, members: Vec<Member>, features: Vec<Vec<u64>>) -> Drawing {
        let units = format!("sampled/across/{}", group.units);
        Drawing {
            units: Draws::new(self.seed, &units).choose(group.units, ACROSS),
            features,
            group: UnitGroup { members, ..group.clone() },
        }
    }

    /// A rectangle of one member where the two models store it crosswise.
    fn crossed(&self, group: &UnitGroup) -> Drawing {
        let members: Vec<Member> = group.members.iter().take(1).copied().collect();
        let lines = |member: &Member| self.mapped_lines(self.width(member), CROSSED.1);
        Drawing {
            units: self.mapped_units(group.units, CROSSED.0),
            features: members.iter().map(lines).collect(),
            group: UnitGroup { members, ..group.clone() },
        }
    }

    /// The same units for all groups of one size, so that layers can be compared across.
    fn mapped_units(&self, n: u64, want: u64) -> Vec<u64> {
        stretches(n, want, self.seed, &format!("sampled/units/{n}"))
    }

    fn mapped_lines(&self, width: u64, want: u64) -> Vec<u64> {
        stretches(width, want, self.seed, &format!("sampled/lines/{width}"))
    }

    /// Units and features for the layer map: of what is drawn for the layers one by one.
    pub(crate) fn map(&self, common: &Common, size: Size) -> (Vec<u64>, Vec<Vec<u64>>) {
        let of = |slot: &CommonSlot, what: Line| {
            let [mine, theirs] = &slot.parts;
            mine.iter().all(|&p| line(self.suspect.tensor(p), slot.side) == Some(what))
                && theirs.iter().all(|&p| line(self.reference.tensor(p), slot.side) == Some(what))
        };
        let is_matrix = |slot: &&CommonSlot| 1 < slot.width;
        let slots = || common.slots.iter().filter(is_matrix);
        let mut widths: Vec<u64> =
            slots().filter(|slot| of(slot, Line::Unit)).map(|slot| slot.width).collect();
        if widths.is_empty() {
            let mut units = Draws::new(self.seed, &format!("sampled/across/{}", common.units));
            let features = |slot: &CommonSlot| {
                let drawn = is_matrix(&slot) && of(slot, Line::Feature);
                if drawn { self.mapped_lines(slot.width, size.units) } else { Vec::new() }
            };
            return (
                units.choose(common.units, ACROSS),
                common.slots.iter().map(features).collect(),
            );
        }
        widths.sort_unstable_by(|a, b| b.cmp(a));
        let mut left = size.members.min(widths.len());
        let least = widths.get(left - 1).copied().unwrap_or(0);
        let mut features: Vec<Vec<u64>> = vec![Vec::new(); common.slots.len()];
        // Widest first, and of one width the first: as the groups take them.
        for exactly in [false, true] {
            for (slot, features) in common.slots.iter().zip(&mut features) {
                let fits = if exactly { slot.width == least } else { least < slot.width };
                if 0 < left && fits && 1 < slot.width && of(slot, Line::Unit) {
                    left -= 1;
                    let few = common.features(MAPPED);
                    let purpose = format!("sampled/map/{}", slot.width);
                    *features = Draws::new(self.seed, &purpose).choose(slot.width, few);
                }
            }
        }
        (self.mapped_units(common.units, size.units), features)
    }

    /// All groups but most routed experts: of each layer the first, which the layer map needs, and
    /// others in a seeded order.
    fn with_few_experts<'g>(&self, groups: &'g [UnitGroup], most: usize) -> Vec<&'g UnitGroup> {
        let mut numbers: Vec<u32> = groups
            .iter()
            .filter_map(|group| match group.expert {
                Expert::Routed(number) => Some(number),
                Expert::None | Expert::Shared => None,
            })
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        if let Some((_, others)) = numbers.split_first_mut() {
            Draws::new(self.seed, "sampled/experts").shuffle(others);
        }
        numbers.truncate(most);
        let drawn = |group: &&UnitGroup| match group.expert {
            Expert::Routed(number) => numbers.contains(&number),
            Expert::None | Expert::Shared => true,
        };
        groups.iter().filter(drawn).collect()
    }

    /// The lines of a drawing as blocks, both models' whole lines side by side.
    pub(crate) fn blocks(&self, drawing: &Drawing) -> Vec<(Pair, Block)> {
        let members = drawing.group.members.iter().zip(&drawing.features);
        members
            .flat_map(|(member, features)| {
                let lines = match self.line(member) {
                    Some(Line::Unit) => &drawing.units[..],
                    Some(Line::Feature) => features,
                    None => &[],
                };
                let are_rows =
                    (self.line(member) == Some(Line::Unit)) == (member.side == Side::Rows);
                self.lines(member.pair, lines, are_rows)
            })
            .collect()
    }

    /// Stretches of rows, or of columns, of a pair as blocks.
    fn lines(&self, pair: Pair, lines: &[u64], are_rows: bool) -> Vec<(Pair, Block)> {
        let (a, b) = (
            self.suspect.tensor(pair.suspect).view(),
            self.reference.tensor(pair.reference).view(),
        );
        let both = (a.rows.min(b.rows), a.cols.min(b.cols));
        blocks_of(both, lines, are_rows).into_iter().map(|block| (pair, block)).collect()
    }
}
