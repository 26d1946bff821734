//! What a reader is told about relations and direction.

use super::{Card, word};

const fn computed(
    id: &'static str,
    means: &'static str,
    misleads: &'static str,
    definition: &'static str,
    reference: &'static str,
) -> Card {
    Card { id, means, misleads, definition, reference }
}

/// The terms of relations.
pub(super) static CARDS: &[Card] = &[
    word(
        "same-bits",
        "Stored values are the same.",
        "Formula tensors are left out: those are the same everywhere.",
    ),
    word(
        "converted",
        "The suspect holds the reference's values in another stored type, rounded to nearest; \
         lossless when no bit was lost.",
        "It is checked by rounding every value, so one changed value is enough to lose the name.",
    ),
    word(
        "changed",
        "Values differ in a way that no check explains. The distance is the relative L2.",
        "A small distance is not proof of light training, nor a large one of long training.",
    ),
    computed(
        "quantised",
        "The values of one side lie on the lattice of a block format, even where they are stored as \
         plain numbers again, and those of the other side do not. Bits, group and the share of \
         values on the level nearest to the other side's are given.",
        "A share well below 1 says that more than rounding to nearest happened. Formats with the \
         same lattice are not told apart, and lattices finer than the stored type are not seen.",
        "For each row or group the scale follows from its largest value; every element must then be \
         a whole number of steps, or a value of the format's table, to within the rounding of the \
         stored type, in 95 % of groups. Where codes are stored, the levels are the values that \
         occur where one scale is shared. A share below 0.9 is followed by \"changed\".",
        "",
    ),
    computed(
        "fine-tuned",
        "Matrices changed with the structure that training leaves, in more directions than an \
         adapter and rounding have. The distance is the relative L2.",
        "It does not say which of the two was trained further: both may come from a third. A merge \
         of several fine-tunes looks the same unless the other parents are named.",
        "For rows of the change scaled to length 1, the sum of squared products of two rows over \
         what independent signs would give is above 1.3; the singular values beyond the rounding \
         of the stored type fall without a cliff, or more than rounding is left after them. Named \
         below a relative L2 of 0.35, where trainings from one random start were not seen.",
        "Hong, Sheng and Dobriban, Selecting the number of components in PCA via random signflips, \
         2020.",
    ),
    computed(
        "adapter-merged",
        "A change of low rank was added to some matrices, as when a LoRA adapter is merged, and \
         nothing but the rounding of the stored type is left beside it. The rank of each tensor is \
         given.",
        "The true rank may be higher where the smallest directions drown in rounding. Subtracting \
         the change again has the same rank, so it does not say which side came first.",
        "Singular values of A - B at up to 512 rows and columns; the rank is where they fall most \
         (by 1.5 or more), is at most 256 and half of what there could be, and what is left is \
         within 1.1 of the energy that rounding gives.",
        "Hu et al., LoRA: Low-Rank Adaptation of Large Language Models, 2022, arXiv 2106.09685.",
    ),
    computed(
        "noise-added",
        "The difference is independent noise of one size, in all weights alike, or in proportion to \
         each tensor's own standard deviation, and unrelated to the weights.",
        "Noise that differs from weight to weight, or that drowns in the rounding of the stored \
         type, is not named.",
        "The row products of A - B are those of independent signs; its mean squares scatter over \
         rows, columns and small and large weights as those of identical entries do; its \
         correlation with the weights is within 5 standard errors of 0. The interval is 95 %.",
        "",
    ),
    word(
        "zero-masked",
        "Weights of one side are zero where the other side's are not: pruning without a change of \
         shape. Share and pattern are given.",
        "Below 5 % zeros nothing is said: they may be padding or underflow.",
    ),
    word(
        "scaled",
        "Every value is the reference's multiplied by one factor for the tensor, its row or its \
         column, to within rounding.",
        "Networks can be rescaled without changing what they compute, so a factor may only hide.",
    ),
    word(
        "vocabulary-resized",
        "A table of tokens or classes has more or fewer rows than the reference's, and the common \
         leading rows are related.",
        "Rows that were moved to other numbers are not looked for.",
    ),
    word(
        "depth-pruned",
        "The layers found in the reference keep their order and skip some of its numbers.",
        "Layers that were left out at the end are seen only as a smaller number of layers.",
    ),
    word(
        "width-pruned",
        "One side has fewer hidden units or residual coordinates than the other, and none more, while \
         shared ancestry was found.",
        "A model that was widened looks the same from the other side, so no direction is said.",
    ),
    word(
        "layers-repeated",
        "Several layers of one side come from one layer of the other, as in depth up-scaling.",
        "Layers that training made alike are not copies of one another; the map asks for the best.",
    ),
    computed(
        "upcycled",
        "Every expert of a layer on one side holds the dense network of that layer on the other \
         (sparse upcycling).",
        "Experts that were trained far since are no longer seen as copies.",
        "Of up to 64 units drawn from each expert, half or more have a cosine of 0.5 with the unit of \
         their own number, in half of the layers looked at.",
        "Komatsuzaki et al., Sparse upcycling, 2023, arXiv 2212.05055.",
    ),
    computed(
        "expert-split",
        "The experts of a layer on one side hold different units of the dense network of that layer on the \
         other.",
        "Units that were trained far since are no longer matched; an expert that is half new is left \
         out.",
        "Of up to 64 units drawn from each expert, half or more have a cosine of 0.5 with their best \
         match, and no more than 5 % of the matches are shared by two experts.",
        "",
    ),
    computed(
        "merged",
        "The suspect is a mixture of several parents that were named with --parent: a sum with one \
         coefficient for each (linear), a base given with --base and a sum of differences from it \
         (task arithmetic), the same with entries dropped at random (DARE) or trimmed to the larger \
         ones of one sign (TIES), one place on the great circle between two (SLERP), or tensors of \
         one parent each (pass-through). Intervals are 95 %.",
        "Parents that are nearly alike share their coefficients badly, which the intervals show. A \
         parent that was not named is given to the ones that were. Entries dropped at random and \
         then reduced to one sign read as TIES.",
        "Non-negative least squares over all matrices. Named when what is left is no more than 1.5 \
         times what rounding leaves, or with a base when 0.9 of the squared distance to the nearest \
         parent is explained, and at least two coefficients are above 0.02 by their intervals. Errors come \
         from leaving out one stretch of rows after the other (jackknife). Where entries were \
         dropped, every entry must be one of the few sums of parents, to within 1.5 times the \
         rounding, and the sums of other entries must leave ten times as much.",
        "Wortsman et al., Model soups, 2022; Ilharco et al., Editing models with task arithmetic, \
         2023; Yadav et al., TIES-Merging, 2023; Yu et al., Language models are super Mario, 2024; \
         Shoemake, Animating rotation with quaternion curves, 1985.",
    ),
    word(
        "direction",
        "A lean on which side was made from the other, with what it rests on: only one side is \
         rounded to a lattice, holds zeros, carries noise, or repeats layers.",
        "It is no finding. Both sides may come from a third, and what looks like the original may \
         be another copy.",
    ),
];
