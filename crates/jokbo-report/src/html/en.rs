//! Every word of the page in English.

use super::words::{Label, Said, Words};
use crate::schema::audit::{Disclosure, Duty, Ground, Words as Both};
use crate::schema::{
    Alignment, Architecture, Component, Direction, ExpertMatch, FoundByContent, HeadMap, Kinship,
    LayerMatch, Relation, Report, TokenRows,
};
use crate::tokenizers::TokenizerSection;
use crate::words::{self, audit as of_audit, capital, count};

pub(crate) struct English;

/// With a capital and a full stop.
fn sentence(text: &str) -> String {
    format!("{}.", capital(text.trim_end_matches('.')))
}

impl Words for English {
    fn tag(&self) -> &'static str {
        "en"
    }

    fn label(&self, label: Label) -> &'static str {
        label_of(label)
    }

    fn title(&self, suspect: &str, reference: &str) -> String {
        format!("{suspect} against {reference}")
    }

    fn component(&self, name: &str) -> String {
        name.to_owned()
    }

    fn section(&self, name: &str) -> String {
        name.to_owned()
    }

    fn test(&self, name: &str) -> String {
        name.to_owned()
    }

    fn kind(&self, kind: &str) -> &'static str {
        match kind {
            "exact" => "exact",
            "model-based" => "model-based",
            _ => "empirical",
        }
    }

    fn verdict(&self, verdict: &str) -> &'static str {
        match verdict {
            "identical" => "identical",
            "derived" => "derived",
            "partly-derived" => "partly derived",
            "no-evidence" => "no evidence",
            "inconclusive" => "inconclusive",
            _ => "not comparable",
        }
    }

    fn headline(&self, component: &Component, reference: &str) -> String {
        sentence(&words::headline(component, reference))
    }

    fn ancestry(&self, ancestry: &str) -> Option<&'static str> {
        words::ancestry(ancestry)
    }

    fn prose(&self, text: &str) -> Said {
        Said::Own(capital(text))
    }

    fn relation(&self, relation: &Relation) -> String {
        words::relation(relation)
    }

    fn direction(&self, direction: &Direction) -> String {
        words::direction(direction)
    }

    fn alignment(&self, alignment: &Alignment) -> String {
        words::alignment(alignment)
    }

    fn power(&self, component: &Component) -> String {
        sentence(&words::power(component))
    }

    fn p(&self, log10_p: Option<f64>) -> String {
        words::p_value(log10_p)
    }

    fn parameters(&self, n: u64) -> String {
        words::parameters(n)
    }

    fn layers(&self, n: u64) -> String {
        if n == 1 { "1 layer".to_owned() } else { format!("{n} layers") }
    }

    fn units(&self, n: u64) -> String {
        if n == 1 { "1 unit".to_owned() } else { format!("{} units", count(n)) }
    }

    fn and_more(&self, n: usize) -> String {
        format!("and {n} more")
    }

    fn heads(&self, heads: HeadMap) -> String {
        words::heads(heads)
    }

    fn token_rows(&self, rows: &TokenRows) -> String {
        sentence(&words::token_rows(rows))
    }

    fn layer_map(&self, map: &[LayerMatch]) -> Option<String> {
        words::layer_map(map)
    }

    fn expert_map(&self, map: &[ExpertMatch]) -> Option<String> {
        words::expert_map(map)
    }

    fn found_by_content(&self, found: &[FoundByContent]) -> Option<String> {
        words::found_by_content(found)
    }

    fn sampled(&self, component: &Component) -> Option<String> {
        words::sampled(component)
    }

    fn cost(&self, report: &Report) -> String {
        words::cost(report)
    }

    fn kinship(&self, kinship: &Kinship, suspect: &str) -> Vec<String> {
        words::kinship(kinship, suspect)
    }

    fn architecture(&self, architecture: &Architecture) -> String {
        capital(&architecture.sentence)
    }

    fn tokenizer(&self, section: &TokenizerSection) -> String {
        capital(&crate::tokenizers::paragraph(section, &[]))
    }

    fn trap(&self) -> &'static str {
        "These figures are quoted in disputes, and they prove nothing: between unrelated models they \
         are about as large. Norm weights are mostly positive and near a common mean, so their \
         cosine is close to 1 whatever the models are. No verdict rests on any of them."
    }

    fn closing(&self) -> &'static str {
        "Every p is \"at most\"; those of the verdicts are corrected for every look. A verdict of no \
         evidence does not prove that a model was made from scratch. A finding says that weights \
         share ancestry; it says nothing of whether that was allowed."
    }

    fn subject(&self, subject: &str) -> &'static str {
        of_audit::subject(subject)
    }

    fn place(&self, file: &str, line: Option<u64>) -> String {
        line.map_or_else(|| file.to_owned(), |line| format!("{file} line {line}"))
    }

    fn status(&self, status: &str) -> &'static str {
        match status {
            "disclosed" => "disclosed",
            "named-only" => "named only",
            "undisclosed" => "undisclosed",
            "contradicted" => "contradicted",
            "declared-not-found" => "declared, not found",
            "declared-not-tested" => "declared, not tested",
            "not-looked" => "not looked",
            _ => "nothing declared",
        }
    }

    fn disclosure(&self, row: &Disclosure) -> String {
        match row.status.as_str() {
            "disclosed" => "Shared weight ancestry is declared.",
            "named-only" => {
                "The reference is named without a phrase that says what for: a person must read it."
            }
            "contradicted" => "Shared weight ancestry was found, and what is said is the contrary.",
            "undisclosed" => "Shared weight ancestry was found, and no card or notice says so.",
            "not-looked" => {
                "Shared weight ancestry was found; whether it is declared could not be seen."
            }
            "declared-not-found" => "Ancestry is declared, and none was found.",
            "declared-not-tested" => "Ancestry is declared, and it could not be tested.",
            _ => "Nothing was found, and nothing is declared.",
        }
        .to_owned()
    }

    fn outcome(&self, outcome: &str) -> &'static str {
        match outcome {
            "met" => "met",
            "not-met" => "not met",
            "not-seen" => "not seen",
            "needs-a-human" => "needs a human",
            _ => "cannot tell",
        }
    }

    fn ground(&self, ground: &Ground) -> String {
        sentence(&of_audit::ground(ground))
    }

    fn duty<'a>(&self, duty: &'a Duty) -> &'a str {
        &duty.says
    }

    fn both<'a>(&self, text: &'a Both) -> &'a str {
        &text.en
    }
}

#[allow(clippy::too_many_lines, reason = "one word a line")]
fn label_of(label: Label) -> &'static str {
    match label {
        Label::SkipToVerdicts => "Skip to the verdicts",
        Label::Contents => "Contents",
        Label::Suspect => "Suspect",
        Label::Reference => "Reference",
        Label::References => "References",
        Label::Verdicts => "Verdicts",
        Label::Diagram => "The suspect, part by part",
        Label::DiagramLegend => {
            "Parts of the suspect with their share of its parameters; colour, sign and word say the \
             verdict. Arrows follow from what the parts are, not from the model's code."
        }
        Label::LeadsTo => "leads to",
        Label::NotCompared => "not compared",
        Label::NoComponent => "The suspect holds no component, so nothing was compared.",
        Label::Component => "Component",
        Label::ShareOfModel => "Share of the model",
        Label::Parameters => "Parameters",
        Label::CorrectedP => "p, corrected",
        Label::P => "p",
        Label::AlignedCosine => "Aligned cosine",
        Label::Cosine => "Cosine",
        Label::Pearson => "Pearson",
        Label::RelativeL2 => "Relative L2 distance",
        Label::EqualBits => "Values stored alike",
        Label::UnitsAgreeing => "Units agreeing",
        Label::Tested => "Tested",
        Label::Figures => "Figures",
        Label::Figure => "Figure",
        Label::Value => "Value",
        Label::Why => "Why",
        Label::Ancestry => "Ancestry",
        Label::Relation => "Relation",
        Label::Direction => "Direction",
        Label::Alignment => "Undone first",
        Label::LayerMap => "Layers",
        Label::ExpertMap => "Experts",
        Label::Heads => "Heads",
        Label::FoundByContent => "Found by content",
        Label::Power => "What would have been found",
        Label::HeatMap => "Aligned cosine by layer and section",
        Label::HeatMapNote => {
            "Layers from left to right. The darker, the further from 0; unrelated weights lie near 0."
        }
        Label::AllUnits => "all units",
        Label::Section => "Section",
        Label::Units => "Units",
        Label::NumbersOfHeatMap => "The same numbers as a table",
        Label::Curve => "Cosine and Pearson by layer",
        Label::Band => {
            "The band is what renumbering the units of a layer at random gives its aligned cosine: \
             four standard deviations to either side of the mean. Cosine and Pearson are of stored \
             values at equal places and prove nothing alone."
        }
        Label::Agreement => "Units that find their own number",
        Label::AgreementNote => {
            "The share of units drawn from a layer whose single best match in the reference carries \
             their own number, and the other way round. By chance about one unit of a layer does."
        }
        Label::Pairs => "Every layer against every layer",
        Label::PairsNote => {
            "Rows are layers of the suspect, columns layers of the reference. A number says how far \
             their units of equal number answer to each other beyond chance, in standard deviations; \
             among some hundred pairs three or four happen by chance. Framed: the layer that each \
             came from."
        }
        Label::PairSays => {
            "Layer {0} of the suspect, layer {1} of the reference: {2} standard deviations"
        }
        Label::Layer => "Layer",
        Label::SuspectLayer => "Layer of the suspect",
        Label::ReferenceLayer => "Layer of the reference",
        Label::Tests => "Tests",
        Label::Test => "Test",
        Label::Kind => "Kind",
        Label::InferredAxes => "axes inferred",
        Label::Groups => "Groups",
        Label::Statistic => "Statistic",
        Label::Draws => "Draws",
        Label::NotTested => "What was not tested",
        Label::NothingLeftOut => "Every tensor entered an exact test.",
        Label::Tensors => "Tensors",
        Label::NotMeasured => "What has no value here",
        Label::What => "What",
        Label::OtherReferences => "Against the other references",
        Label::Kinships => "How its ancestors are related",
        Label::NotProbative => "Not probative",
        Label::Null => "Between unrelated models",
        Label::Architecture => "Architecture",
        Label::Tokenizers => "Tokenizers",
        Label::AuditTitle => "Audit",
        Label::Policies => "Policies",
        Label::PoliciesSideBySide => "Policies side by side",
        Label::WholeModel => "The model as a whole",
        Label::Outcome => "Outcome",
        Label::Version => "Version",
        Label::Rules => "rules:",
        Label::Source => "Source",
        Label::Disclosures => "Disclosure",
        Label::NothingToDisclose => {
            "Nothing was found that asks for a declaration, and nothing that was declared is missing."
        }
        Label::NotGiven => "Declared, and not among the references: not checked",
        Label::Claims => "What publishers say",
        Label::NothingSaid => "Nothing is said.",
        Label::NotLooked => "There is no folder to look into, so silence means nothing.",
        Label::Subject => "Subject",
        Label::Place => "Place",
        Label::Quotation => "Quotation",
        Label::Licences => "Licences of ancestors and their duties",
        Label::NoLegalAdvice => "What the texts of the licences ask. This is no legal advice.",
        Label::Duty => "Duty",
        Label::Clause => "Clause",
        Label::Standing => "Standing",
        Label::NoLicenceNamed => "nobody says what it is licensed under",
        Label::LicenceUnknown => "The table of licences does not know it.",
        Label::LicenceWithoutDuties => {
            "An SPDX licence whose duties the table of licences does not hold."
        }
        Label::Method => "Method",
        Label::Program => "Program",
        Label::RulesVersion => "Version of the rules",
        Label::Level => "Family-wise level",
        Label::Seed => "Seed",
        Label::Schema => "Schema of the data",
        Label::Redo => "To redo it",
        Label::Files => "Files",
        Label::File => "File",
        Label::Bytes => "Bytes",
        Label::Digest => "SHA-256",
        Label::Published => "as published and not recomputed",
        Label::NoDigest => "not read whole",
        Label::Oddities => "Oddities",
        Label::Commit => "commit",
    }
}
