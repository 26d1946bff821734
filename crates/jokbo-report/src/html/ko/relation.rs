//! How the weights were changed, in Korean.

use super::side;
use crate::schema::{Extent, ParentShare, Relation};
use crate::words::{count, interval, percent, small};

pub(super) fn relation(relation: &Relation) -> String {
    match relation {
        Relation::SameBits { share } if 1.0 <= *share => "모든 비트가 같음".to_owned(),
        Relation::SameBits { share } => format!("{}의 비트가 같음", percent(*share)),
        Relation::Converted { from, to, lossless: true } => {
            format!("같은 값을 다른 자료형({from}, {to})으로 손실 없이 저장")
        }
        Relation::Converted { from, to, lossless: false } => {
            format!("같은 값을 다른 자료형으로 저장({from} 값을 {to}로 반올림)")
        }
        Relation::Quantised { side: s, bits, like, nearest_share, extent, .. } => {
            let bits = bits.map_or(String::new(), |bits| format!(" {bits}비트"));
            let like = like.as_ref().map_or(String::new(), |like| format!(" ({like} 형식)"));
            format!(
                "양자화: {} 값이{bits} 격자 위에 있음{like}, 그중 {}가 상대 값에 가장 가까운 단계{}",
                side(s),
                percent(*nearest_share),
                within(extent)
            )
        }
        Relation::FineTuned { relative_l2, extent } => {
            format!("미세 조정: {}{}", distance(*relative_l2), within(extent))
        }
        Relation::AdapterMerged { rank, extent, .. } => {
            format!("어댑터 병합: 최대 랭크 {rank}의 변화가 더해짐{}", within(extent))
        }
        Relation::NoiseAdded { side: s, sd, relative, extent } => {
            let whose = s.as_ref().map_or(String::new(), |s| format!("{} 쪽에 ", side(s)));
            let sd = if *relative { interval(*sd) } else { format!("{:.3e}", sd.value) };
            let of = if *relative { "(각 텐서의 표준편차 대비)" } else { "" };
            format!("잡음 추가: {whose}표준편차 {sd}{of}의 독립 잡음{}", within(extent))
        }
        Relation::ZeroMasked { side: s, share, pattern, extent } => {
            let pattern = match pattern.as_str() {
                "unstructured" => String::new(),
                "rows" => ", 행 단위".to_owned(),
                "columns" => ", 열 단위".to_owned(),
                group => format!(", {group} 묶음"),
            };
            format!(
                "0으로 가림: {} 값의 {}가 0{pattern}{}",
                side(s),
                percent(*share),
                within(extent)
            )
        }
        Relation::Scaled { per, factor, extent } => {
            let per = match per.as_str() {
                "tensor" => "텐서",
                "row" => "행",
                _ => "열",
            };
            let (low, high) = (small(factor.low), small(factor.high));
            format!("배율 조정: {per}마다 {low}배에서 {high}배{}", within(extent))
        }
        structural => of_structure(structural),
    }
}

/// Relations that change what there is, not what it is.
fn of_structure(relation: &Relation) -> String {
    match relation {
        Relation::VocabularyResized { rows, reference_rows, equal_share, .. } => format!(
            "어휘 크기 변경: 여기는 {}행, 참조 모델은 {}행, 공통 행의 값 중 {}가 같음",
            count(*rows),
            count(*reference_rows),
            percent(*equal_share)
        ),
        Relation::WidthPruned {
            side: s,
            units,
            reference_units,
            coordinates,
            reference_coordinates,
        } => format!(
            "폭 가지치기: {} 쪽이 더 좁음. 은닉 유닛 {}개(참조 모델 {}개), 잔차 좌표 {}개(참조 모델 {}개)",
            side(s),
            count(*units),
            count(*reference_units),
            count(*coordinates),
            count(*reference_coordinates)
        ),
        Relation::DepthPruned { kept } => {
            format!("깊이 가지치기: 레이어 {kept}개가 순서대로 남음")
        }
        Relation::LayersRepeated { side: s, again } => {
            format!("레이어 반복: {} 레이어 중 {again}개가 한 번 더 나타남", side(s))
        }
        Relation::Upcycled { side: s, experts, layers, units_share } => format!(
            "업사이클링: {} 쪽 레이어 {layers}개에서 전문가 {experts}개가 각각 상대의 조밀 네트워크를 지님(뽑은 유닛의 {})",
            side(s),
            percent(*units_share)
        ),
        Relation::ExpertSplit { side: s, experts, layers, units_share } => format!(
            "전문가 분할: {} 쪽 레이어 {layers}개의 전문가 {experts}개가 상대의 조밀 네트워크를 나누어 지님(뽑은 유닛의 {})",
            side(s),
            percent(*units_share)
        ),
        Relation::Merged { method, parents, explained_share, .. } => {
            let method = match method.as_str() {
                "linear" => "선형",
                "task-arithmetic" => "태스크 산술",
                "slerp" => "SLERP",
                "pass-through" => "텐서 단위 조합",
                "ties" => "TIES",
                _ => "DARE",
            };
            let one = |p: &ParentShare| format!("{} {}", p.source, interval(p.coefficient));
            let all: Vec<String> = parents.iter().map(one).collect();
            format!(
                "병합({method}): {}; 가장 가까운 부모와의 거리 중 {}가 설명됨",
                all.join(", "),
                percent(*explained_share)
            )
        }
        Relation::Changed { relative_l2 } => distance(*relative_l2),
        // The others are said by `relation`; a new one would be unnamed, and not in English.
        _ => "이름 붙이지 않은 변화".to_owned(),
    }
}

fn distance(relative_l2: Option<f64>) -> String {
    relative_l2.map_or_else(
        || "차이를 잴 수 없음".to_owned(),
        |distance| format!("참조 모델 노름의 {}만큼 다름", percent(distance)),
    )
}

fn within(extent: &Extent) -> String {
    if 0.9995 <= extent.share {
        return String::new();
    }
    format!(", 텐서 {}개(가중치의 {})", count(extent.tensors), percent(extent.share))
}
