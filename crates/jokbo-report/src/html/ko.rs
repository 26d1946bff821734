//! Every word of the page in Korean.

use super::known::translated;
use super::words::{Label, Said, Words};
use crate::schema::audit::{Disclosure, Duty, Ground, Words as Both};
use crate::schema::{
    Alignment, Architecture, Component, Direction, ExpertMatch, FoundByContent, HeadMap, Kinship,
    LayerMatch, Relation, Report, TokenRows,
};
use crate::tokenizers::TokenizerSection;
use crate::words::{count, interval, is_finding, percent, small};

mod labels;
mod prose;
mod relation;

pub(crate) struct Korean;

/// What varies in a sentence: names of tests, components and layers in Korean, all else as it is.
fn each(text: &str) -> String {
    let one = |word: &str| {
        let test = test(word);
        if test != word { test } else { section(&component(word)) }
    };
    text.split(", ").map(one).collect::<Vec<_>>().join(", ")
}

/// The name of a component; the network it is of stays as it is.
fn component(name: &str) -> String {
    let (kind, network) = name.split_once(':').map_or((name, ""), |(kind, rest)| (kind, rest));
    let kind = match kind {
        "language-model" => "언어 모델",
        "vision-encoder" => "비전 인코더",
        "audio-encoder" => "오디오 인코더",
        "text-encoder" => "텍스트 인코더",
        "projector" => "프로젝터",
        "token-embedding" => "토큰 임베딩",
        "output-head" => "출력 헤드",
        "vision-decoder" => "비전 디코더",
        "audio-decoder" => "오디오 디코더",
        "other" => "기타",
        _ => return name.to_owned(),
    };
    if network.is_empty() { kind.to_owned() } else { format!("{kind}:{network}") }
}

fn section(name: &str) -> String {
    let name =
        name.replace("shared expert", "공유 전문가").replace("residual stream", "잔차 스트림");
    name.replace("layer ", "레이어 ").replace("expert ", "전문가 ")
}

fn test(name: &str) -> String {
    match name {
        "hidden-units" => "은닉 유닛",
        "residual-coordinates" => "잔차 좌표",
        "equal-values" => "동일 값",
        "agreeing-units" => "유닛 일치",
        "layer-search" => "레이어 탐색",
        "attention-heads" => "어텐션 헤드",
        "attention-products" => "어텐션 곱",
        "renumbered-units" => "번호가 바뀐 유닛",
        "anchored-units" => "공통 축 유닛",
        "matched-units" => "짝지은 유닛",
        other => other,
    }
    .to_owned()
}

fn side(side: &str) -> &'static str {
    if side == "suspect" { "검증 대상" } else { "참조 모델" }
}

impl Words for Korean {
    fn tag(&self) -> &'static str {
        "ko"
    }

    fn label(&self, label: Label) -> &'static str {
        labels::label(label)
    }

    fn title(&self, suspect: &str, reference: &str) -> String {
        format!("가중치 계보 보고서: {suspect} ↔ {reference}")
    }

    fn component(&self, name: &str) -> String {
        component(name)
    }

    fn section(&self, name: &str) -> String {
        section(name)
    }

    fn test(&self, name: &str) -> String {
        test(name)
    }

    fn kind(&self, kind: &str) -> &'static str {
        match kind {
            "exact" => "정확 검정",
            "model-based" => "모형 기반",
            _ => "경험적",
        }
    }

    fn verdict(&self, verdict: &str) -> &'static str {
        match verdict {
            "identical" => "동일",
            "derived" => "계보 공유",
            "partly-derived" => "일부 계보 공유",
            "no-evidence" => "증거 없음",
            "inconclusive" => "판단 불가",
            _ => "비교 불가",
        }
    }

    fn headline(&self, component: &Component, reference: &str) -> String {
        match component.verdict.as_str() {
            "identical" => format!("{reference} 모델과 가중치가 동일합니다."),
            "derived" => format!("{reference} 모델과 가중치 계보를 공유합니다."),
            "partly-derived" => {
                format!("일부 구간에서 {reference} 모델과 가중치 계보를 공유합니다.")
            }
            "no-evidence" => {
                format!("{reference} 모델과 가중치 계보를 공유한다는 증거를 찾지 못했습니다.")
            }
            "inconclusive" => {
                format!("{reference} 모델과 함께 가진 가중치만으로는 판단할 수 없습니다.")
            }
            _ => format!("{reference} 모델에는 비교할 수 있는 가중치가 없습니다."),
        }
    }

    fn ancestry(&self, ancestry: &str) -> Option<&'static str> {
        match ancestry {
            "checkpoint" => Some(
                "체크포인트가 이어진 것으로 보입니다. 다만 두 모델이 같은 무작위 초깃값에서 출발해 아주 짧게만 학습되었다면 예외입니다.",
            ),
            "checkpoint-or-initialisation" => Some(
                "체크포인트를 공유했거나 무작위 초깃값만 공유했습니다. 이 가중치로는 둘을 구별할 수 없습니다.",
            ),
            _ => None,
        }
    }

    fn prose(&self, text: &str) -> Said {
        match translated(prose::KNOWN, text, &each) {
            Some(text) => Said::Own(text),
            None => Said::English(text.to_owned()),
        }
    }

    fn relation(&self, relation: &Relation) -> String {
        relation::relation(relation)
    }

    fn direction(&self, direction: &Direction) -> String {
        let child = side(&direction.child);
        let parent = side(if direction.child == "suspect" { "reference" } else { "suspect" });
        let grounds: Vec<String> = direction.grounds.iter().map(|g| prose::ground(g)).collect();
        format!(
            "{child} 쪽이 {parent} 또는 그와 비슷한 모델에서 나왔을 가능성이 있습니다(단정하지 않음). 근거: {}.",
            grounds.join("; ")
        )
    }

    fn alignment(&self, a: &Alignment) -> String {
        let residual = match a.residual.as_str() {
            "kept" => "그대로",
            "permuted" => "순서가 바뀜",
            "signed" => "부호가 바뀜",
            "permuted and signed" => "순서와 부호가 바뀜",
            "rotated" => "회전됨",
            _ => "폭이 다름",
        };
        let units = if a.units == "kept" { "그대로" } else { "번호가 바뀜" };
        let mut text = format!("잔차 스트림 {residual}, 은닉 유닛 {units}");
        if let Some(table) = &a.anchors {
            text.push_str(&format!(", 공통 축: {}", component(table)));
        }
        if let Some(cosine) = a.cosine {
            text.push_str(&format!("; 짝을 이룬 유닛의 코사인 {}", interval(cosine)));
        }
        if let Some(share) = a.agreeing_share {
            text.push_str(&format!("; 짝지은 유닛 중 {} 일치", percent(share)));
        }
        if let Some(control) = a.control_share {
            text.push_str(&format!(", 대조 레이어에서는 최대 {}", percent(control)));
        }
        text
    }

    fn power(&self, c: &Component) -> String {
        let cosine = c.power.aligned_cosine.map(|x| format!("정렬 코사인 {} 이상", small(x)));
        let share =
            c.power.units_share.map(|x| format!("전체 유닛의 {} 이상이 같은 경우", percent(x)));
        let mut text = match (cosine, share) {
            (Some(cosine), Some(share)) => format!("{cosine} 또는 {share}라면 찾아냈을 것입니다."),
            (Some(one), None) | (None, Some(one)) => format!("{one}라면 찾아냈을 것입니다."),
            (None, None) => {
                "유닛이 너무 적어 이 유의수준에서는 아무것도 찾을 수 없습니다.".to_owned()
            }
        };
        let hidden = c.power.hidden.iter();
        let hidden: Vec<String> =
            hidden.map(|h| format!("{} {}", test(&h.rung), small(h.aligned_cosine))).collect();
        if !hidden.is_empty() {
            text.push_str(&format!(" 관계가 숨겨진 경우에 필요한 코사인: {}.", hidden.join(", ")));
        }
        text
    }

    fn p(&self, log10_p: Option<f64>) -> String {
        match log10_p {
            None => "검정하지 않음".to_owned(),
            some => crate::words::p_value(some),
        }
    }

    fn parameters(&self, n: u64) -> String {
        format!("파라미터 {}개", count(n))
    }

    fn layers(&self, n: u64) -> String {
        format!("레이어 {n}개")
    }

    fn units(&self, n: u64) -> String {
        format!("유닛 {}개", count(n))
    }

    fn and_more(&self, n: usize) -> String {
        format!("외 {n}개")
    }

    fn heads(&self, heads: HeadMap) -> String {
        format!(
            "헤드 {}개 중 {}개가 쿼리·키로 보나 값·출력으로 보나 같은 짝을 찾으며, 그중 {}개는 번호도 같습니다.",
            count(heads.heads),
            count(heads.agreeing),
            count(heads.own_number)
        )
    }

    fn token_rows(&self, rows: &TokenRows) -> String {
        format!(
            "두 토크나이저의 토큰 번호가 달라 행을 토큰별로 맞추었습니다. 검증 대상의 {}개 행 중 양쪽에 모두 있는 토큰은 {}개입니다.",
            count(rows.suspect),
            count(rows.shared)
        )
    }

    fn layer_map(&self, map: &[LayerMatch]) -> Option<String> {
        let runs = crate::words::layer_map(map)?;
        Some(format!("검증 대상 ← 참조 모델: {}", runs.replace(" from ", " ← ")))
    }

    fn expert_map(&self, map: &[ExpertMatch]) -> Option<String> {
        const SHOWN: usize = 8;
        let moved: Vec<&ExpertMatch> =
            map.iter().filter(|m| m.other_expert.is_some_and(|other| other != m.expert)).collect();
        let one = |m: &&ExpertMatch| {
            let other = m.other_expert.map_or(String::new(), |other| other.to_string());
            format!("레이어 {} 전문가 {} ← {other}", m.layer, m.expert)
        };
        let shown: Vec<String> = moved.iter().take(SHOWN).map(one).collect();
        let more = moved.len().saturating_sub(SHOWN);
        let more = if more == 0 { String::new() } else { format!(" 외 {more}개") };
        (!shown.is_empty()).then(|| format!("{}{more}", shown.join(", ")))
    }

    fn found_by_content(&self, found: &[FoundByContent]) -> Option<String> {
        let reordered = found.iter().filter(|f| f.reordered).count();
        (!found.is_empty()).then(|| {
            format!(
                "이름으로는 자리를 알 수 없는 텐서 {}개를 내용으로 짝지었으며, 그중 {reordered}개는 축의 순서가 다릅니다.",
                found.len()
            )
        })
    }

    fn sampled(&self, c: &Component) -> Option<String> {
        let sampling = c.sampling.as_ref()?;
        let why = match sampling.stopped.as_str() {
            "settled" => "판정이 확정되어 멈추었습니다",
            "exhausted" => "검정에 쓸 수 있는 것을 모두 뽑았습니다",
            "budget" => "더 읽으면 허용된 바이트를 넘습니다",
            _ => "정해진 횟수를 모두 썼습니다",
        };
        Some(format!(
            "표본: {}바이트 중 {}바이트를 {}회에 걸쳐 읽었고, {why}.",
            count(c.cost.bytes_stored),
            count(c.cost.bytes_read),
            sampling.looks
        ))
    }

    fn cost(&self, report: &Report) -> String {
        let (read, stored) = (count(report.cost.bytes_read), count(report.cost.bytes_stored));
        if report.components.iter().any(|c| c.sampling.is_some()) {
            return format!(
                "시드로 정한 표본만 읽었습니다({stored}바이트 중 {read}바이트). 모든 수치는 표본의 것이며, 모든 p는 표본을 늘려 가며 본 횟수만큼 보정되었습니다."
            );
        }
        if report.cost.bytes_read < report.cost.bytes_stored {
            return format!("{stored}바이트 중 {read}바이트를 읽었습니다.");
        }
        format!("모든 모델의 {stored}바이트를 전부 읽었습니다.")
    }

    fn kinship(&self, kinship: &Kinship, suspect: &str) -> Vec<String> {
        let references = kinship.references.join(", ");
        let mut lines = vec![match kinship.kind.as_str() {
            "chain" => format!(
                "사슬: {suspect} — {}. 가까운 순서이며, 앞의 참조 모델은 검증 대상과 뒤의 모델 사이에 놓입니다.",
                kinship.references.join(" — ")
            ),
            "relatives" => {
                format!(
                    "친척: {references} 모델은 서로도 계보를 공유합니다. 순서는 주장하지 않습니다."
                )
            }
            _ => format!(
                "서로 다른 조상: {references} 모델 사이에서 공유된 계보를 모두 찾지는 못했습니다."
            ),
        }];
        let cosines = kinship.links.iter().filter(|link| {
            link.verdict.as_deref().is_some_and(is_finding) && link.aligned_cosine.is_some()
        });
        let cosines: Vec<String> = cosines
            .map(|l| format!("{} · {} {}", l.a, l.b, l.aligned_cosine.map_or(String::new(), small)))
            .collect();
        if !cosines.is_empty() {
            lines.push(format!("정렬 코사인: {}.", cosines.join("; ")));
        }
        let lean = |child: &str, a: &str, b: &str| {
            let parent = if child == a { b } else { a };
            format!(
                "{child} 모델이 {parent} 또는 그와 비슷한 모델에서 나왔을 가능성이 있습니다(단정하지 않음)."
            )
        };
        lines
            .extend(kinship.links.iter().filter_map(|l| Some(lean(l.child.as_ref()?, &l.a, &l.b))));
        lines
    }

    fn architecture(&self, a: &Architecture) -> String {
        let n = |is: &str| a.fields.iter().filter(|field| field.is == is).count();
        let common: String = a
            .combinations
            .iter()
            .map(|c| {
                let kind = match c.kind.as_str() {
                    "language" => "언어 모델",
                    "vision" => "비전 인코더",
                    _ => "오디오 인코더",
                };
                format!(
                    " 두 모델이 공유하는 은닉 크기·레이어 수·헤드 수·MLP 폭의 조합은 알려진 {kind} 설정 {}개 중 {}개에 나타납니다.",
                    c.known,
                    c.alike.len()
                )
            })
            .collect();
        format!(
            "두 설정 파일에 모두 있는 항목 중 {}개가 다르고 {}개가 같으며, 한쪽에만 있는 항목은 {}개입니다.{common} 구조가 같다는 것은 가중치를 공유한다는 증거가 아닙니다.",
            n("differs"),
            n("same"),
            n("one-sided")
        )
    }

    fn tokenizer(&self, s: &TokenizerSection) -> String {
        let relation = match s.relation.as_str() {
            "same" => "같은 토크나이저입니다.",
            "re-exported" => "같은 토큰과 번호를 다른 형식으로 적었습니다.",
            "renumbered" => "토큰은 같고 번호가 다릅니다.",
            "extended" => "참조 모델의 토큰과 번호를 유지하고 토큰을 더했습니다.",
            "cut" => "참조 모델의 토큰과 번호를 유지하고 토큰을 덜어 냈습니다.",
            "related" => "한쪽이 다른 쪽에서 바뀌었거나, 둘 다 제3의 토크나이저에서 나왔습니다.",
            "trained-separately" => "따로 학습된 토크나이저입니다.",
            _ => "공통 토큰이 너무 적어 말할 수 없습니다.",
        };
        format!(
            "{relation} 토큰 수는 검증 대상 {}개, 참조 모델 {}개이며, 학습된 토큰 중 {}개가 같습니다. 토크나이저가 같다는 것은 가중치를 공유한다는 증거가 아닙니다.",
            count(s.suspect.tokens),
            count(s.reference.tokens),
            count(s.shared_tokens)
        )
    }

    fn trap(&self) -> &'static str {
        "논쟁에서 자주 인용되지만 아무것도 증명하지 못하는 수치입니다. 서로 무관한 모델 사이에서도 비슷한 값이 나옵니다. 정규화(norm) 가중치는 대부분 양수이고 공통 평균 가까이에 모여 있어, 어떤 모델이든 코사인이 1에 가깝습니다. 어떤 판정도 이 수치에 기대지 않습니다."
    }

    fn closing(&self) -> &'static str {
        "모든 p는 상한이며, 판정의 p는 검정 횟수만큼 보정되었습니다. ‘증거 없음’은 모델을 처음부터 만들었다는 증명이 아닙니다. ‘계보 공유’는 가중치의 계보를 말할 뿐, 그것이 허용된 일인지는 말하지 않습니다."
    }

    fn subject(&self, subject: &str) -> &'static str {
        labels::subject(subject)
    }

    fn place(&self, file: &str, line: Option<u64>) -> String {
        line.map_or_else(|| file.to_owned(), |line| format!("{file} {line}행"))
    }

    fn status(&self, status: &str) -> &'static str {
        labels::status(status)
    }

    fn disclosure(&self, row: &Disclosure) -> String {
        labels::disclosure(&row.status).to_owned()
    }

    fn outcome(&self, outcome: &str) -> &'static str {
        match outcome {
            "met" => "충족",
            "not-met" => "미충족",
            "not-seen" => "확인되지 않음",
            "needs-a-human" => "사람의 확인 필요",
            _ => "판단 불가",
        }
    }

    fn ground(&self, ground: &Ground) -> String {
        let of = ground.component.as_deref().map_or_else(|| "모델 전체".to_owned(), component);
        let reference = ground.reference.as_deref().unwrap_or("기준");
        labels::ground(&ground.why, &of, reference, ground.duties.unwrap_or(0))
    }

    fn duty<'a>(&self, duty: &'a Duty) -> &'a str {
        &duty.says_ko
    }

    fn both<'a>(&self, text: &'a Both) -> &'a str {
        &text.ko
    }
}
