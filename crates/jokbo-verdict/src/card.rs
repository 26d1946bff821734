//! What a reader is told about verdicts, ancestry and relations.

pub use jokbo_statistics::card::Card;

mod family;
mod relation;

const fn word(id: &'static str, means: &'static str, misleads: &'static str) -> Card {
    Card { id, means, misleads, definition: "", reference: "" }
}

/// The terms of verdicts and ancestry.
static VERDICTS: &[Card] = &[
    word(
        "identical",
        "Every stored value of the component equals the reference's, bit for bit or after a \
         conversion that lost nothing, and neither side has anything left over.",
        "It says nothing about which came first, and both may be copies of a third.",
    ),
    word(
        "derived",
        "The component shares weight ancestry with the reference: one was initialised from the \
         other, or both from a common ancestor, beyond what independent training gives at the \
         stated level; or every one of its tensors stands in the reference value by value, which \
         needs no p.",
        "It does not say which is the parent, and it is no statement on disclosure or licence.",
    ),
    word(
        "partly-derived",
        "Some layers, units or tensors of the component share weight ancestry with the reference \
         and others, tested with the same power, do not. The sections say which.",
        "A section that was not tested is neither.",
    ),
    word(
        "no-evidence",
        "Tested, and nothing was found. The power statement says what would have been.",
        "It never proves that a model was made from scratch: it speaks of these references, and \
         of relations that were hidden no better than the rungs of the alignment ladder undo.",
    ),
    word(
        "inconclusive",
        "What could be tested could not have reached the level, or what was found is too small to \
         call with axes that had to be inferred.",
        "It is not a mild form of derived.",
    ),
    word(
        "not-comparable",
        "The reference holds nothing that answers to this component, or only formulas that nobody \
         trained; the reasons are listed.",
        "It is not the same as no-evidence: nothing was tested.",
    ),
    word(
        "checkpoint",
        "Trained weights were passed on: equal stored values beyond what any renumbering gives, or \
         an aligned cosine of at least 0.9.",
        "Short trainings from one random initialisation look alike: after 200 steps of a small \
         network the cosine was still 0.92, after 800 steps 0.67.",
    ),
    word(
        "checkpoint-or-initialisation",
        "Either trained weights were passed on and then changed a lot, or both were only started \
         from one random initialisation.",
        "Two trainings from one seed keep aligned cosines of 0.3 to 0.5; these weights cannot tell \
         the two apart.",
    ),
    word(
        "none-found",
        "No shared ancestry was found with this reference.",
        "Another reference may still be an ancestor.",
    ),
    Card {
        id: "tokenizer-relation",
        means: "How one vocabulary came from the other: same; re-exported (the same in another \
                form); renumbered; extended or cut, with the other tokens under their ids; \
                related (one was changed into the other, or both grew from a third); \
                trained-separately; not-said (fewer than 500 tokens in common).",
        misleads: "A tokenizer is a tool that many models share, and it is never evidence that \
                   weights are shared. Vocabularies of one language share most of their words: \
                   up to 54 % by Jaccard and up to 92 % of a small one inside a large one, in \
                   orders that correlate at up to 0.97.",
        definition: "Learned tokens are compared as bytes. Of the shared ones in the order of \
                     their ids, the share that keeps its neighbour tells: at most 0.023 between \
                     public vocabularies trained separately, 0.16 and more between related ones; \
                     the bound is 0.05.",
        reference: "",
    },
    Card {
        id: "token-rows",
        means: "Row k of a table of tokens belongs to the token with id k. Where both sides carry a \
                tokenizer and shared tokens stand under other ids (renumbered, related or \
                transplanted vocabularies), the rows of the token embedding and the output head are \
                lined up by token: ordinary tokens by their bytes, special ones by name. It is done \
                where nothing is found in the rows as they are stored; where ids are kept, nothing \
                changes.",
        misleads: "Rows of tokens that one side lacks, and rows beyond the vocabulary, are left out \
                   and count as not tested. A tokenizer that misstates its ids hides nothing: the \
                   rows are looked at as stored first. A sampled comparison lines nothing up.",
        definition: "Which rows are laid beside one another follows from the two tokenizers alone, \
                     and no weight is looked at for it. The tests renumber the coordinates of the \
                     residual stream, and between independent models every numbering of them is \
                     equally likely whatever rows were chosen, so they stay exact. Two orders of the \
                     same tables are two looks: every p is doubled.",
        reference: "",
    },
    Card {
        id: "architecture",
        means: "What both configurations (config.json, or what a GGUF file says of itself) give for \
                how the networks are built: sizes, attention, MLP and experts, positions, norms, \
                vocabulary, and the same for vision, audio and other sub-configurations. Names that \
                differ between makers (n_embd, d_model, hidden_size) are taken as one, and numbers \
                as equal when they are as 32-bit floats.",
        misleads: "Equal architecture is no evidence of shared weights: it is a choice that anybody \
                   can make, many models take over a published one on purpose, and few sizes are in \
                   use. Nor do different fields show the opposite: a configuration is a text that its \
                   owner writes. How common a combination is says how little it would mean; a rare \
                   one is still no evidence.",
        definition: "The hidden size, layers, attention heads and MLP width that both share are \
                     looked up among published configurations of that kind of network. Models that \
                     were published with one name's configuration count once.",
        reference: "",
    },
    word(
        "component",
        "A part of a model that gets its own verdict: language-model, text-encoder, \
         vision-encoder, audio-encoder, projector, vision-decoder, audio-decoder, token-embedding, \
         output-head, or other:<prefix> for what no name pattern knows.",
        "The names say what the part does, not who made it.",
    ),
    Card {
        id: "chain",
        means: "Several references share ancestry with one component of the suspect, and each lies \
                on the way from the suspect to those after it: suspect, fine-tuned model, base. A \
                line joins neighbours; an arrow leads from the child to the parent where the \
                direction is said.",
        misleads: "The order is of nearness and not of time. What lies in between may have been made \
                   from either neighbour, or be the parent of both, as a base is of two of its \
                   children. Where nothing lies in between the references are called relatives, and \
                   no order is claimed.",
        definition: "Aligned cosines multiply along a line of descent, so their logarithms are \
                     lengths. b lies between a and c when |ab| + |bc| - |ac| is at most half of the \
                     shorter of |ab| and |bc|, either way. References are compared with each other \
                     for this, and these looks are paid for too.",
        reference: "Buneman, A note on the metric properties of trees, 1974",
    },
    word(
        "adapter",
        "A LoRA adapter: for some matrices of a base, two narrow ones whose product is added. With \
         --base it is compared as the model that it makes. Two adapters are compared through their \
         ranks: the rows of A begin at random and training treats all alike, so two that began \
         apart carry them in independent orders. The renumbering of ranks is exact; inputs and \
         outputs are numbered by the base and never drawn along.",
        "Two adapters of one base and one task have like products without either coming from the \
         other, so a cosine of products is no evidence. One random seed in common is found as \
         shared ancestry and said as a common start. Adapters of rank 1, and those that began at \
         the base's own weights (PiSSA, OLoRA and others), have nothing that may be renumbered.",
    ),
    word(
        "quantised-group",
        "One weight that lies in several stored tensors: codes of a few bits, scales, zero points. \
         It is listed once, with the type that its maker gives it (GPTQ_INT4, AWQ_INT4, BNB_NF4, \
         F8_E4M3_SCALED, INT8_SCALED and others), and read as the numbers that it stands for; its \
         digest is over all its stored tensors.",
        "A group whose sizes do not fit one another, or whose layout is not known, is listed as an \
         oddity and left as the stored integers, which no test reads as weights.",
    ),
    word(
        "ancestry",
        "Whether one set of weights was initialised from another, or both from a common one. Same \
         data, architecture, tokenizer, recipe or distilled outputs are not weight ancestry.",
        "Common random initialisation is ancestry too, but no training was passed on with it.",
    ),
];

/// Every term of this room and of the statistics.
pub fn all() -> impl Iterator<Item = &'static Card> {
    VERDICTS.iter().chain(relation::CARDS).chain(family::CARDS).chain(jokbo_statistics::card::CARDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_grade_ancestry_and_relation_has_a_card() {
        use crate::{Ancestry, Grade};
        let has = |id: &str| all().any(|card| card.id == id);
        for grade in [
            Grade::Identical,
            Grade::Derived,
            Grade::PartlyDerived,
            Grade::NoEvidence,
            Grade::Inconclusive,
            Grade::NotComparable,
        ] {
            assert!(has(grade.word()), "{grade:?}");
        }
        for ancestry in
            [Ancestry::Checkpoint, Ancestry::CheckpointOrInitialisation, Ancestry::NoneFound]
        {
            assert!(has(ancestry.word()), "{ancestry:?}");
        }
        assert!(crate::Relation::WORDS.into_iter().all(has));
    }
}
