//! Short texts of the page in Korean, and what is said of an audit.

use crate::html::words::Label;

pub(super) fn subject(subject: &str) -> &'static str {
    match subject {
        "base-model" => "바탕 모델",
        "base-model-relation" => "바탕 모델과의 관계",
        "licence" => "라이선스",
        "licence-name" => "라이선스 이름",
        "licence-link" => "라이선스 전문",
        "tag" => "태그",
        "dataset" => "데이터 세트",
        "from-scratch" => "자체 학습이라는 설명",
        "not-from-scratch" => "자체 학습이 아니라는 설명",
        "named-origin" => "프로그램이 남긴 출처",
        "model-type" => "네트워크 종류",
        "name" => "이름",
        "licence-text" => "가중치 곁의 라이선스",
        _ => "설명",
    }
}

pub(super) fn status(status: &str) -> &'static str {
    match status {
        "disclosed" => "공개됨",
        "named-only" => "이름만 언급",
        "undisclosed" => "공개되지 않음",
        "contradicted" => "설명과 어긋남",
        "declared-not-found" => "밝혔으나 찾지 못함",
        "declared-not-tested" => "밝혔으나 검정하지 못함",
        "not-looked" => "확인하지 못함",
        _ => "밝힌 것 없음",
    }
}

pub(super) fn disclosure(status: &str) -> &'static str {
    match status {
        "disclosed" => "가중치 계보를 공유한다는 사실을 밝혔습니다.",
        "named-only" => {
            "참조 모델의 이름은 있으나 무엇에 쓰였는지 밝히지 않아, 사람이 읽어야 합니다."
        }
        "contradicted" => "가중치 계보를 공유하는 것으로 나타났으나, 설명은 그와 다릅니다.",
        "undisclosed" => {
            "가중치 계보를 공유하는 것으로 나타났으나, 모델 카드나 고지문에 그런 설명이 없습니다."
        }
        "not-looked" => {
            "가중치 계보를 공유하는 것으로 나타났으나, 이를 밝혔는지 확인할 수 없었습니다."
        }
        "declared-not-found" => "계보를 밝혔으나 공유한다는 증거를 찾지 못했습니다.",
        "declared-not-tested" => "계보를 밝혔으나 검정할 수 없었습니다.",
        _ => "찾은 것도 밝힌 것도 없습니다.",
    }
}

/// A ground of an outcome: of a component, a reference, and a number of duties.
pub(super) fn ground(why: &str, of: &str, reference: &str, duties: u64) -> String {
    match why {
        "shares-ancestry" => format!("{of}: {reference} 모델과 가중치 계보를 공유합니다."),
        "may-share-a-start" => format!(
            "{of}: {reference} 모델과 체크포인트를 공유했거나 무작위 초깃값만 공유했습니다."
        ),
        "nothing-found" => {
            format!("{of}: {reference} 모델과 가중치 계보를 공유한다는 증거를 찾지 못했습니다.")
        }
        "unsettled" => format!("{of}: {reference} 모델과의 관계를 판단할 수 없습니다."),
        "not-compared" => format!("{of}: 비교할 것이 있는 참조 모델이 없습니다."),
        "tested-too-little" => {
            format!("{of}: {reference} 모델과 비교할 때 검정한 부분이 너무 적습니다.")
        }
        "no-such-component" => "이런 구성 요소가 없습니다.".to_owned(),
        "disclosed" => format!("{of}: {reference} 모델과 공유하는 계보를 밝혔습니다."),
        "named-only" => {
            format!(
                "{of}: {reference} 모델의 이름이 있으나 무엇에 쓰였는지는 사람이 읽어야 합니다."
            )
        }
        "undisclosed" => format!("{of}: {reference} 모델과 공유하는 계보를 밝히지 않았습니다."),
        "contradicted" => {
            format!("{of}: {reference} 모델과 공유하는 계보가 설명과 어긋납니다.")
        }
        "not-looked" => format!("{of}: 설명을 찾아볼 폴더가 없습니다."),
        "nothing-inherited" => "이를 요구하는 것을 찾지 못했습니다.".to_owned(),
        "no-licence" => format!("{reference} 모델의 라이선스를 밝힌 곳이 없습니다."),
        "unknown-licence" => format!("{reference} 모델의 라이선스는 표에 없습니다."),
        "duties-met" => format!("{reference} 모델의 라이선스 의무 {duties}건을 충족합니다."),
        "duties-not-met" => {
            format!("{reference} 모델의 라이선스 의무 {duties}건을 충족하지 않습니다.")
        }
        "duties-open" => {
            format!("{reference} 모델의 라이선스 의무 {duties}건은 사람이 확인해야 합니다.")
        }
        "free-licence" => format!("{reference} 모델의 라이선스는 용도를 제한하지 않습니다."),
        "limited-licence" => {
            format!("{reference} 모델의 라이선스는 {duties}가지로 용도를 제한합니다.")
        }
        _ => "가중치와 문서로는 답할 수 없으며, 사람이 확인해야 합니다.".to_owned(),
    }
}

#[allow(clippy::too_many_lines, reason = "one word a line")]
pub(super) fn label(label: Label) -> &'static str {
    match label {
        Label::SkipToVerdicts => "판정으로 건너뛰기",
        Label::Contents => "차례",
        Label::Suspect => "검증 대상",
        Label::Reference | Label::References => "참조 모델",
        Label::Verdicts => "판정",
        Label::Diagram => "검증 대상의 구성 요소",
        Label::DiagramLegend => {
            "검증 대상의 구성 요소와 파라미터 비중입니다. 색·기호·낱말이 함께 판정을 나타냅니다. 화살표는 모델의 코드가 아니라 구성 요소의 종류에서 나온 것입니다."
        }
        Label::LeadsTo => "→",
        Label::NotCompared => "비교하지 않음",
        Label::NoComponent => "검증 대상에 구성 요소가 없어 아무것도 비교하지 않았습니다.",
        Label::Component => "구성 요소",
        Label::ShareOfModel => "모델에서 차지하는 비중",
        Label::Parameters => "파라미터",
        Label::CorrectedP => "보정된 p",
        Label::P => "p",
        Label::AlignedCosine => "정렬 코사인",
        Label::Cosine => "코사인",
        Label::Pearson => "피어슨 상관",
        Label::RelativeL2 => "상대 L2 거리",
        Label::EqualBits => "똑같이 저장된 값",
        Label::UnitsAgreeing => "일치하는 유닛",
        Label::Tested => "검정한 비율",
        Label::Figures => "수치",
        Label::Figure => "항목",
        Label::Value => "값",
        Label::Why => "이유",
        Label::Ancestry => "계보",
        Label::Relation => "변화",
        Label::Direction => "방향",
        Label::Alignment => "먼저 되돌린 것",
        Label::LayerMap => "레이어",
        Label::ExpertMap => "전문가",
        Label::Heads => "헤드",
        Label::FoundByContent => "내용으로 찾음",
        Label::Power => "찾아냈을 범위",
        Label::HeatMap => "레이어와 구간별 정렬 코사인",
        Label::HeatMapNote => {
            "왼쪽에서 오른쪽으로 레이어 순서입니다. 0에서 멀수록 진하며, 무관한 가중치는 0 가까이에 있습니다."
        }
        Label::AllUnits => "모든 유닛",
        Label::Section => "구간",
        Label::Units => "유닛 수",
        Label::NumbersOfHeatMap => "같은 수치를 표로 보기",
        Label::Curve => "레이어별 코사인과 피어슨 상관",
        Label::Band => {
            "띠는 레이어의 유닛 번호를 무작위로 바꾸었을 때 정렬 코사인이 놓이는 범위로, 평균에서 \
             양쪽으로 표준편차의 네 배까지입니다. 코사인과 피어슨 상관은 같은 자리에 저장된 값을 비교한 \
             것이며, 그것만으로는 아무것도 증명하지 못합니다."
        }
        Label::Agreement => "자기 번호를 찾아가는 유닛",
        Label::AgreementNote => {
            "레이어에서 뽑은 유닛 가운데, 참조 모델에서 가장 비슷한 단 하나의 유닛이 같은 번호를 가지며 \
             반대 방향으로도 그러한 것의 비율입니다. 우연이라면 레이어마다 한 개쯤입니다."
        }
        Label::Pairs => "모든 레이어 쌍의 비교",
        Label::PairsNote => {
            "행은 검증 대상의 레이어, 열은 참조 모델의 레이어입니다. 수치는 번호가 같은 유닛끼리 우연보다 \
             얼마나 더 비슷한지를 표준편차 단위로 나타냅니다. 쌍이 백여 개면 우연만으로도 3이나 4가 \
             나옵니다. 테두리는 각 레이어의 유래로 판단된 레이어입니다."
        }
        Label::PairSays => "검증 대상 레이어 {0}, 참조 모델 레이어 {1}: 표준편차의 {2}배",
        Label::Layer => "레이어",
        Label::SuspectLayer => "검증 대상 레이어",
        Label::ReferenceLayer => "참조 모델 레이어",
        Label::Tests => "검정",
        Label::Test => "검정 이름",
        Label::Kind => "종류",
        Label::InferredAxes => "축 추정",
        Label::Groups => "묶음",
        Label::Statistic => "통계량",
        Label::Draws => "추출 횟수",
        Label::NotTested => "검정하지 않은 것",
        Label::NothingLeftOut => "모든 텐서가 정확 검정에 들어갔습니다.",
        Label::Tensors => "텐서",
        Label::NotMeasured => "값이 없는 항목",
        Label::What => "항목",
        Label::OtherReferences => "다른 참조 모델과의 비교",
        Label::Kinships => "조상들 사이의 관계",
        Label::NotProbative => "증거가 되지 않는 수치",
        Label::Null => "무관한 모델 사이의 값",
        Label::Architecture => "구조",
        Label::Tokenizers => "토크나이저",
        Label::AuditTitle => "감사",
        Label::Policies => "정책",
        Label::PoliciesSideBySide => "정책 비교표",
        Label::WholeModel => "모델 전체",
        Label::Outcome => "결과",
        Label::Version => "버전",
        Label::Rules => "규칙 수:",
        Label::Source => "출처",
        Label::Disclosures => "공개 여부",
        Label::NothingToDisclose => {
            "밝혀야 할 것을 찾지 못했고, 밝힌 것 가운데 빠진 것도 없습니다."
        }
        Label::NotGiven => "밝혔으나 참조 모델에 없어 확인하지 않은 것",
        Label::Claims => "배포자의 설명",
        Label::NothingSaid => "아무 설명이 없습니다.",
        Label::NotLooked => "찾아볼 폴더가 없으므로, 설명이 없다는 것에 뜻이 없습니다.",
        Label::Subject => "대상",
        Label::Place => "위치",
        Label::Quotation => "인용",
        Label::Licences => "조상의 라이선스와 의무",
        Label::NoLegalAdvice => "라이선스 문구가 요구하는 것을 옮긴 것이며, 법률 자문이 아닙니다.",
        Label::Duty => "의무",
        Label::Clause => "조항",
        Label::Standing => "상태",
        Label::NoLicenceNamed => "라이선스를 밝힌 곳이 없음",
        Label::LicenceUnknown => "라이선스 표에 없는 라이선스입니다.",
        Label::LicenceWithoutDuties => "SPDX 라이선스이지만 그 의무는 표에 없습니다.",
        Label::Method => "방법",
        Label::Program => "프로그램",
        Label::RulesVersion => "규칙 버전",
        Label::Level => "전체 유의수준",
        Label::Seed => "시드",
        Label::Schema => "데이터 스키마",
        Label::Redo => "다시 해 보기",
        Label::Files => "파일",
        Label::File => "파일",
        Label::Bytes => "바이트",
        Label::Digest => "SHA-256",
        Label::Published => "공개된 값이며 다시 계산하지 않음",
        Label::NoDigest => "전체를 읽지 않음",
        Label::Oddities => "특이 사항",
        Label::Commit => "커밋",
    }
}
