//! What a reader is told about a term: `explain`, the report's notes and the docs print this.

/// One term, explained once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Card {
    /// Stable name, as in reports. Never reused for something else.
    pub id: &'static str,
    /// What it is, in one or two sentences, without verdict words.
    pub means: &'static str,
    /// When it says less than it seems to.
    pub misleads: &'static str,
    /// How it is computed; empty for words that are not computed.
    pub definition: &'static str,
    /// Where the definition is from; empty when it is ours.
    pub reference: &'static str,
}

const ZHU: &str =
    "Zhu, Ahmed, Kuditipudi, Liang, Independence Tests for Language Models, ICML 2025";

/// The terms of this room.
pub static CARDS: &[Card] = &[
    Card {
        id: "hidden-units",
        means: "An exact test of whether both models share one numbering of hidden units. \
                Independent training gives every numbering the same probability; a copy keeps \
                the numbering of its parent.",
        misleads: "It sees nothing when the units were renumbered on purpose: no evidence then \
                   means only that nothing was found in the stored order.",
        definition: "Rows of features per unit (gate and up rows, down columns, biases), columns \
                     centred, rows scaled to length 1; the sum of inner products at equal numbers, \
                     double-centred, summed over layers, against renumberings of the reference. p \
                     by seeded draws, and past the draws by a bound that holds for any scores.",
        reference: ZHU,
    },
    Card {
        id: "residual-coordinates",
        means: "An exact test of whether both models share one numbering of the residual stream, \
                the vector that every layer reads and writes. It covers attention, norms and \
                embeddings, which have no hidden units of their own.",
        misleads: "All layers share this numbering, so it is one test for the whole component, \
                   never one a layer. A rotation of the stream hides everything from it.",
        definition: "As hidden-units, with residual coordinates as the units and seeded rows or \
                     columns of every tensor that touches the stream as their features.",
        reference: ZHU,
    },
    Card {
        id: "equal-values",
        means: "An exact test of whether stored values are equal at equal places more often than \
                under another numbering. Light fine-tuning and frozen parts leave many equal.",
        misleads: "Values that every model holds (ones, zeros, padding) are equal under any \
                   numbering too, and so count for nothing here; in the plain share they count.",
        definition: "The number of equal stored values between unit i of one and unit j of the \
                     other, tested as hidden-units is.",
        reference: ZHU,
    },
    Card {
        id: "agreeing-units",
        means: "How many units are each other's single best match and carry the same number. \
                Strongest when a few units were copied and the rest are unrelated.",
        misleads: "Independent models learn some of the same features; without equal numbering \
                   such matches prove nothing, so only equal numbers are counted.",
        definition: "K mutual best matches with equal numbers; P(K >= k) <= λ^k / k!, λ the sum \
                     over groups of matched units divided by units (factorial moments of fixed \
                     points).",
        reference: ZHU,
    },
    Card {
        id: "layer-search",
        means: "Every layer of the suspect against every layer of the reference, for models whose \
                layers were dropped, repeated or inserted.",
        misleads: "Children of one parent also agree with neighbouring layers, because they share \
                   residual coordinates; the map follows the largest entry of each row, not every \
                   significant one.",
        definition: "The hidden-units score for all pairs of layers; the best pair of each row is \
                     tested and its p multiplied by the number of pairs looked at.",
        reference: "",
    },
    Card {
        id: "attention-heads",
        means: "An exact test of whether both models share one numbering of attention heads. Heads are \
                compared by what no rewriting of them changes: values mixed with outputs, or queries \
                turned against keys, are the same to it.",
        misleads: "A layer has few heads, so that a model of few layers cannot reach the level by them \
                   alone; and heads in another order hide everything from it, though not from \
                   attention-products.",
        definition: "For each group of heads of keys and values Qᵀ K and O V over up to 64 seeded \
                     residual coordinates, summed over its query heads, tested as hidden-units is, layer \
                     by layer; and query heads inside each group. The second p is valid whatever the \
                     first came to: with x their product, p = x (1 - ln x).",
        reference: "Elhage et al., A Mathematical Framework for Transformer Circuits, 2021; Fisher, \
                    Statistical Methods for Research Workers, 1932",
    },
    Card {
        id: "attention-products",
        means: "An exact test of whether both models share one numbering of the residual stream, seen \
                through attention alone. It finds attention that was copied with its heads in another \
                order, values mixed and queries turned, whatever became of the rest.",
        misleads: "It needs one residual numbering in both models; a permuted or rotated stream hides \
                   everything from it. Layers are paired by their numbers.",
        definition: "M = Σ over heads of Qᵀ K, and of O V: the same however heads are numbered, mixed or \
                     turned. Residual coordinates in two seeded halves S1 and S2; coordinate j of S2 has \
                     the features M[S1, j] and M[j, S1] of up to 16 layers, and S2 is renumbered, as one \
                     group.",
        reference: ZHU,
    },
    Card {
        id: "head-map",
        means: "Heads assigned twice, by what they read (queries with keys) and by what they write \
                (values with outputs): how many find the same partner both times, and how many of \
                these carry its number.",
        misleads: "It is shown for the size of a finding and decides none: nothing was renumbered to \
                   get it. Few heads agree often by chance.",
        definition: "Linear assignment on the cosines of both maps, columns of variance 1; shown where \
                     1 / K! over all layers is below 10^-3.",
        reference: "",
    },
    Card {
        id: "alignment-ladder",
        means: "What is tried when nothing is found under the stored numbering: each rung undoes one \
                way of hiding a relation, fits on one set of weights and tests on another. The \
                report names the rung that found something.",
        misleads: "A rung sees only what it undoes. Rungs that could not be tried are listed with \
                   the reason, and each that was says what it would have found.",
        definition: "Own numbers; renumbered-units; anchored-units; matched-units. Layers are lined \
                     up before each by the second moments of their features over all hidden units, \
                     summed over experts, which no renumbering of either changes; experts of layers \
                     that answer to each other are then paired by their own.",
        reference: "",
    },
    Card {
        id: "renumbered-units",
        means: "An exact test for hidden units that were renumbered or pruned while the residual \
                stream was kept. Units are matched on one random half of the residual coordinates, \
                and the other half is renumbered.",
        misleads: "It needs one residual numbering in both models; a permuted or rotated stream \
                   hides everything from it.",
        definition: "Linear assignment of units on coordinates S1 (columns of variance 1, leading \
                     directions removed); then C_jk = Σ_layers Σ_i A_i[j] B_π(i)[k] for j, k in the \
                     other half S2, tested as hidden-units is, as one group.",
        reference: ZHU,
    },
    Card {
        id: "anchored-units",
        means: "An exact test for a residual stream that was permuted, signed or rotated while \
                hidden units kept their numbers. Units are read along the vectors of tokens or \
                pixels, which mean the same in both models, and then renumbered.",
        misleads: "It needs a table of tokens, positions or pixels that both models share. Where \
                   both embeddings and output head were replaced it has nothing to read along.",
        definition: "Rows of gate and up times the weights of the norm before them, and columns of \
                     down, times the polar factor of the table of shared vectors; then as \
                     hidden-units. The polar factor of a rotated table is the rotated polar factor.",
        reference: "Schönemann, A generalized solution of the orthogonal Procrustes problem, 1966; \
                    Löwdin, On the non-orthogonality problem, 1950",
    },
    Card {
        id: "matched-units",
        means: "A model-based test for weights whose residual stream was rotated and whose hidden \
                units were renumbered. Units are read along tokens (or along the residual coordinates \
                themselves, where sinusoidal positions give those a meaning) and matched twice, from \
                separate tensors.",
        misleads: "It is not exact: every numbering has been fitted, so there is none left to \
                   compare with. It carries a finding only where at least half of the units agree \
                   and no control pair of layers shows more than one in twenty.",
        definition: "K units on which both matchings agree, P(K >= k) <= (m/n)^k / k!; and a gain of \
                     h c² / 2v nats (h units, mean cosine c, variance v of all cosines) against the \
                     ln(n! / (n-m)!) nats of choice. The larger p of the two counts. Control pairs \
                     of layers must gain less than they cost, or there is no p.",
        reference: "",
    },
    Card {
        id: "cosine",
        means: "The cosine of the angle between two weight matrices read as long vectors, over all \
                matrices of the component, 1 for proportional and about 0 for unrelated ones.",
        misleads: "It is high between unrelated models wherever values share a mean: norm weights \
                   are all positive and give 0.94 to 0.99. Matrices only are counted here.",
        definition: "Σ ab / sqrt(Σ a² Σ b²)",
        reference: "",
    },
    Card {
        id: "pearson",
        means: "Pearson's correlation: the cosine after each side's mean is removed.",
        misleads: "Within one model, norm weights of different layers correlate at 0.46 to 0.77, so \
                   layers must not be counted as separate findings.",
        definition: "Σ (a - ā)(b - b̄) / sqrt(Σ (a - ā)² Σ (b - b̄)²)",
        reference: "",
    },
    Card {
        id: "relative-l2",
        means: "How far the suspect is from the reference, in units of the reference's own length; \
                0 for equal tensors, about 1.4 for unrelated ones of one scale.",
        misleads: "A rescaled copy is far away by this measure and still a copy.",
        definition: "||A - B|| / ||B||",
        reference: "",
    },
    Card {
        id: "aligned-cosine",
        means: "The size of the finding: the mean cosine between a unit of the suspect and the \
                unit of the same number in the reference, each column's mean removed first.",
        misleads: "Two trainings from one random initialisation keep 0.3 to 0.5; a moderate value \
                   does not say that training was passed on.",
        definition: "Mean over units of <a_i, b_i> for centred rows of length 1, with a 95 % \
                     interval from the spread over units.",
        reference: "",
    },
    Card {
        id: "power",
        means: "What would have been found: the smallest aligned cosine, and the smallest share of \
                copied units, that these tests would have called at this level.",
        misleads: "It speaks of an unhidden relation; what each rung of the alignment ladder would \
                   have found stands beside it.",
        definition: "The sum at which the bound of the hidden-units or residual-coordinates test \
                     reaches the level, divided by the number of units; the smallest K for \
                     agreeing-units.",
        reference: "",
    },
    Card {
        id: "p-value",
        means: "How often an independent model would look at least this much alike; printed as its \
                decimal logarithm, so -12 means at most one in 10^12. Tests of one component are \
                paid for by Bonferroni, components by Holm.",
        misleads: "A tiny p says that there is a relation, not how large it is: read the effect \
                   beside it. It is always 'at most', and never below what the number of \
                   renumberings allows.",
        definition: "p by draws is (1 + hits) / (1 + draws). Beyond the draws: \
                     P(T >= t) <= min over θ of exp(-θt) Π_i sqrt(mean_j exp(2θ D_ij)).",
        reference: "Carlen, Lieb, Loss, An inequality of Hadamard type for permanents, 2006; Holm, \
                    A simple sequentially rejective multiple test procedure, 1979",
    },
    Card {
        id: "sampled",
        means: "Only seeded stretches of rows were read, in up to four growing looks, until the \
                verdict was settled. The exact tests are exact on any rows chosen without looking \
                at a value, and each look has a share of the level of its own, so that stopping \
                early costs no exactness.",
        misleads: "Cosine, Pearson and relative L2 are of the sample, with an interval from its \
                   spread. What was not read may differ: a sample never says identical, and \
                   digests and weights that are not finite are not looked for.",
        definition: "p = min over the looks made of p_k / w_k, w = 1/2, 1/4, 1/8, 1/8. Settled: a \
                     finding with every section decided; or no test at or below 10^-3, at least \
                     5 % covered, and an aligned cosine of 0.05 or a tenth of the units would have \
                     been found.",
        reference: "Bonferroni over looks; Lan, DeMets, Discrete sequential boundaries for clinical \
                    trials, 1983, for spending a level over looks",
    },
    Card {
        id: "coverage",
        means: "The share of the component's parameters that lie in tensors an exact test drew \
                from. What was not tested is listed with the reason.",
        misleads: "Tests read a seeded sample of units; coverage counts the tensors sampled from, \
                   not the elements read.",
        definition: "parameters of tensors that entered a test / parameters of the component",
        reference: "",
    },
    Card {
        id: "formula",
        means: "A tensor that is computed, not learned: Fourier and mel filter banks, sinusoidal \
                positions, RoPE frequencies, masks, counters. It is recognised by its values, \
                listed, and left out of every test.",
        misleads: "It is bit-identical between models that share nothing but the formula.",
        definition: "The values follow the formula within the rounding of the stored type.",
        reference: "",
    },
    Card {
        id: "found-by-content",
        means: "Two tensors were paired by what they hold, because the name of at least one of \
                them says nothing: an export that numbers its tensors, or one that was renamed.",
        misleads: "Being found is no evidence of its own: in unrelated models, too, one tensor may \
                   look most like another. The tests that follow decide.",
        definition: "Norms of the slices along each axis, sorted, with transposes and other orders \
                     of axes tried; a pair counts when it is near and at most half as far as any \
                     rival. What is left is looked for along tokens, whose table is found first: the \
                     products of every two tokens' directions, summed over units of length 1. \
                     Renumbering units changes no sorted norm and no sum, so the pairing is the \
                     same under every renumbering and the exact tests need no correction for it.",
        reference: "",
    },
    Card {
        id: "norm-cosine",
        means: "The cosine between norm weights of two models. Shown because it is quoted in \
                disputes; it is not probative, and no verdict uses it.",
        misleads: "Norm weights are positive and near a common mean, so unrelated models reach \
                   0.94 to 0.99. Pearson's correlation of the same weights, each tensor about its \
                   own mean, is near 0 there; about one mean for all tensors it is not.",
        definition: "Σ ab / sqrt(Σ a² Σ b²) over all norm weights of the component",
        reference: "",
    },
    Card {
        id: "depth-curve",
        means: "How alike the spread of weights changes with depth in two models: the correlation of \
                their standard deviations over layers, of the kind of matrix in which it is largest. \
                Shown because such curves are quoted in disputes; it is not probative, and no verdict \
                uses it.",
        misleads: "Spread changes smoothly with depth in most networks, so that unrelated models reach \
                   0.91; and the largest of several correlations is shown.",
        definition: "Pearson's correlation of sd(A_layer) and sd(B_layer) over the layers of equal \
                     number, at least 8 of them",
        reference: "",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_card_is_filled_and_every_id_is_its_own() {
        let ids: BTreeSet<&str> = CARDS.iter().map(|card| card.id).collect();
        assert_eq!(ids.len(), CARDS.len());
        for card in CARDS {
            assert!(!card.means.is_empty() && !card.misleads.is_empty(), "{}", card.id);
            assert!(card.means.ends_with('.') && card.misleads.ends_with('.'), "{}", card.id);
        }
    }
}
