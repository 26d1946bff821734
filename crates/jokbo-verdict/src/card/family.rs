//! What a reader is told about family trees.

use super::Card;

pub(super) static CARDS: &[Card] = &[
    Card {
        id: "tree",
        means: "Several models, all pairs of them tested component by component: which share weight \
                ancestry, and how near they are to one another. Models that are related, directly or \
                through others, are a cluster, and each cluster is drawn as a tree.",
        misleads: "Weights are compared under the numbering they are stored in. What was renumbered, \
                   rotated, cut in width or given names that say nothing stands alone here although it \
                   may be related; `jokbo compare` undoes that for one pair. A component that is \
                   related in a part of its layers or units alone is called related here, and \
                   `jokbo compare` says in which.",
        definition: "Each model is read once: seeded rows and columns of every tensor whose axes may be \
                     renumbered, at most 256 of each, the same in all models. The exact tests \
                     hidden-units, residual-coordinates and agreeing-units are made of every two, by \
                     their bounds alone. A p pays for three tests (Bonferroni) and for all pairs in all \
                     components (Holm).",
        reference: "",
    },
    Card {
        id: "cluster",
        means: "Models of a tree that are related in one component, directly or through others.",
        misleads: "Two of a cluster need not be related to each other: a mixture of two strangers is \
                   related to both. The report says how many pairs of a cluster were found related \
                   directly.",
        definition: "The connected parts of the graph whose edges are the pairs found related.",
        reference: "",
    },
    Card {
        id: "spanning-tree",
        means: "The links that hold a cluster together, drawn from its hub: the model that is nearest \
                to all others. Siblings that were changed independently of one another are each nearer \
                to their parent than to one another, so that the tree passes through the parent where \
                it is there.",
        misleads: "It is a drawing of nearness and not of time. Where changes had something in common, as \
                   two trainings on one text, siblings are nearer to each other than to their parent; \
                   a mixture that is no plain sum (TIES, DARE, layers of two) lies between its parents and \
                   takes them away from their own; and where the parent is missing one of its children \
                   stands in its place. What is as near, give or \
                   take a tenth, is named beside the link. An arrow, or a lean in words, is given only \
                   where one side alone is rounded, masked, noised or a sum of others.",
        definition: "The distance is the root mean square over matrices of ||A - B|| / sqrt(||A|| ||B||), \
                     with 2 as the most a square counts and for what one side lacks. The tree grows from \
                     the hub by the nearest model first (Prim); of links no more than a tenth longer \
                     than the shortest the one to the most central model is taken, so that the whole is \
                     no more than a tenth longer than a shortest tree. Central is what stands first in \
                     the lists of who is near that all models have, taken together (Borda). A model is a sum of \
                     others when two or three of them, with positive weights, leave less than a twentieth \
                     of the squared distance to the nearest; it then hangs on one of these, behind all \
                     other links.",
        reference: "Prim, Shortest connection networks and some generalizations, 1957",
    },
];
