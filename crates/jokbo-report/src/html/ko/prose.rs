//! The sentences that a report holds in English, with the same in Korean. What is not here is shown
//! as a quotation in English.

/// What a lean rests on.
pub(super) fn ground(ground: &str) -> String {
    match ground {
        "its values lie on a lattice, the other side's do not" => "그 값만 격자 위에 놓여 있음",
        "its values are zero where the other side's are not" => {
            "상대에서는 0이 아닌 자리의 값이 0임"
        }
        "the difference is unrelated to the other side's values and not to its own" => {
            "차이가 상대의 값과는 무관하고 자신의 값과는 무관하지 않음"
        }
        "its layers are some of the other side's, in order" => {
            "그 레이어가 상대 레이어의 일부이며 순서가 같음"
        }
        "it holds layers of the other side more than once" => "상대의 레이어를 두 번 이상 지님",
        "its experts hold units of one dense network of the other side" => {
            "전문가들이 상대의 한 조밀 네트워크의 유닛을 지님"
        }
        _ => "여러 모델을 섞은 것이며, 그 모델들은 그렇지 않음",
    }
    .to_owned()
}

/// Patterns and their sentences; the first that fits is taken.
pub(super) const KNOWN: &[(&str, &str)] = &[
    // Why a verdict is what it is.
    ("all stored values are equal", "저장된 값이 모두 같습니다."),
    ("all {} stored values are equal", "저장된 값 {0}개가 모두 같습니다."),
    ("all sampled values are equal", "표본의 값이 모두 같습니다."),
    ("exact tests beyond the level: {}", "유의수준을 넘은 정확 검정: {0}."),
    ("model-based test beyond the level: {}", "유의수준을 넘은 모형 기반 검정: {0}."),
    ("no exact test reached the level", "유의수준에 이른 정확 검정이 없습니다."),
    (
        "{} of {} sections share ancestry; nothing was found in {}",
        "{1}개 구간 중 {0}개가 계보를 공유하며, 다음에서는 찾지 못했습니다: {2}.",
    ),
    (
        "attention shares ancestry; nothing was found in hidden units",
        "어텐션은 계보를 공유하지만 은닉 유닛에서는 찾지 못했습니다.",
    ),
    (
        "every tensor of it stands in the reference: {} different values in {} of them",
        "모든 텐서가 참조 모델 안에 그대로 있습니다(텐서 {1}개, 서로 다른 값 {0}개).",
    ),
    (
        "the bytes that may be read were spent before the verdict was settled",
        "판정이 확정되기 전에 허용된 바이트를 다 읽었습니다.",
    ),
    (
        "only a model-based p is small, and fewer than {} % of the units agree",
        "모형 기반 p만 작고, 일치하는 유닛이 {0} % 미만입니다.",
    ),
    (
        "the p is small but the axes were inferred and the effect is below {}",
        "p는 작지만 축을 추정했고 효과가 {0} 미만입니다.",
    ),
    (
        "the residual stream of {} is {}, and such a table lies along it: {}",
        "{0}의 잔차 스트림을 되돌릴 때 이런 표를 기준으로 썼으므로, 이 표 안에는 번호를 바꿔 볼 것이 남지 않아 같은 값이 있어도 볼 수 없습니다.",
    ),
    (
        "too few units to reach the level, whatever the relation",
        "유닛이 너무 적어 어떤 관계라도 유의수준에 이를 수 없습니다.",
    ),
    (
        "tests could draw from only {} % of the component",
        "검정에 쓸 수 있는 부분이 구성 요소의 {0} %뿐입니다.",
    ),
    (
        "of {} tensors none was found by what it holds among those without a name, and each was tested against the nearest",
        "텐서 {0}개는 이름 없는 텐서 가운데 내용으로 찾지 못해, 가장 가까운 것과 각각 비교했습니다.",
    ),
    (
        "{} is related and this table is not found: {}",
        "{0} 쪽은 계보를 공유하지만 이 표에서는 찾지 못했습니다. 토큰 번호가 다르다면 같은 값이 있어도 볼 수 없습니다.",
    ),
    (
        "{} % of the suspect's parameters lie in tensors whose names say nothing and that no content places: {}",
        "검증 대상 파라미터의 {0} %는 이름으로도 내용으로도 자리를 알 수 없는 텐서에 있어 비교하지 못했고, 그 안에 숨은 것은 볼 수 없습니다.",
    ),
    (
        "values could be paired but no exact test applies",
        "값을 짝지을 수는 있으나 적용할 정확 검정이 없습니다.",
    ),
    (
        "all that both hold is a formula nobody trained",
        "양쪽에 모두 있는 것은 학습되지 않은 공식뿐입니다.",
    ),
    ("the reference holds nothing comparable", "참조 모델에 비교할 것이 없습니다."),
    // Why something was not tested.
    (
        "every axis has a meaning and is never renumbered",
        "모든 축에 정해진 뜻이 있어 번호를 바꿀 수 없습니다.",
    ),
    (
        "its axes have a meaning and are never renumbered",
        "축에 정해진 뜻이 있어 번호를 바꿀 수 없습니다.",
    ),
    ("no axis is known that may be renumbered", "번호를 바꿔도 되는 축이 알려져 있지 않습니다."),
    (
        "no paired tensor has an axis that may be renumbered",
        "번호를 바꿔도 되는 축을 가진 텐서 쌍이 없습니다.",
    ),
    (
        "no paired tensor has units that may be renumbered",
        "번호를 바꿔도 되는 유닛을 가진 텐서 쌍이 없습니다.",
    ),
    (
        "the weights do not vary over units in {}",
        "다음 텐서는 유닛에 따라 값이 변하지 않습니다: {0}.",
    ),
    ("the weights do not vary over residual coordinates", "잔차 좌표에 따라 값이 변하지 않습니다."),
    ("the weights do not vary over hidden units", "은닉 유닛에 따라 값이 변하지 않습니다."),
    (
        "the axis is not as long as in the other tensors of the group",
        "축의 길이가 묶음 안의 다른 텐서와 다릅니다.",
    ),
    ("a formula nobody trained: {}", "학습되지 않은 공식입니다({0})."),
    (
        "not floating-point: compared bit by bit only",
        "부동소수점이 아니어서 비트 단위로만 비교했습니다.",
    ),
    ("not drawn: the sample holds no line of it", "표본에 들지 않았습니다."),
    (
        "rows of tokens that the reference's tokenizer lacks, or of none",
        "참조 모델의 토크나이저에 없는 토큰의 행이거나 토큰이 없는 행입니다.",
    ),
    ("shape {} here, {} in the reference", "여기의 형상은 {0}, 참조 모델의 형상은 {1}입니다."),
    ("the reference has {} layers", "참조 모델의 레이어는 {0}개입니다."),
    ("the reference has 1 layer", "참조 모델의 레이어는 1개입니다."),
    ("the reference has no such part", "참조 모델에 이런 부분이 없습니다."),
    ("the reference has fewer such parts", "참조 모델에는 이런 부분이 더 적습니다."),
    (
        "the reference has no tensor of that name or shape left to pair with",
        "참조 모델에 짝지을 같은 이름이나 형상의 텐서가 남아 있지 않습니다.",
    ),
    (
        "the reference holds no tensor of its name or shape",
        "참조 모델에 같은 이름이나 형상의 텐서가 없습니다.",
    ),
    ("the reference has no {}", "참조 모델에 없는 구성 요소입니다: {0}."),
    (
        "no {} of the reference is left to answer to this one",
        "참조 모델의 {0} 가운데 이것과 짝지을 것이 남아 있지 않습니다.",
    ),
    (
        "one side is a LoRA adapter and the other a whole model: {}",
        "한쪽은 LoRA 어댑터이고 다른 쪽은 전체 모델입니다. 어댑터의 바탕 모델을 --base 옵션으로 지정하십시오.",
    ),
    (
        "its second half of ranks mirrors the first, {}",
        "랭크의 뒤쪽 절반이 앞쪽을 비추어 순서가 있으므로 번호를 바꾸지 않습니다.",
    ),
    // Why something has no value.
    ("nothing could be paired with the reference", "참조 모델과 짝지을 수 있는 것이 없습니다."),
    (
        "no exact test applies to what both models hold",
        "두 모델이 가진 것에 적용할 정확 검정이 없습니다.",
    ),
    (
        "no pair of learned matrices with a finite, varying content",
        "유한하고 값이 변하는 학습된 행렬 쌍이 없습니다.",
    ),
    ("the component holds no parameters", "구성 요소에 파라미터가 없습니다."),
    (
        "neither configuration says how many heads there are",
        "두 설정 파일 모두 헤드 수를 밝히지 않습니다.",
    ),
    (
        "there is one head, or both models have another number of them",
        "헤드가 하나뿐이거나 두 모델의 헤드 수가 다릅니다.",
    ),
    (
        "no configuration says how the rows of queries, keys and values fall into heads",
        "쿼리·키·값의 행이 어떻게 헤드로 나뉘는지 밝힌 설정이 없습니다.",
    ),
    (
        "no layer of both models has queries, keys, values and outputs",
        "두 모델 모두에 쿼리·키·값·출력을 갖춘 레이어가 없습니다.",
    ),
    (
        "attention does not read and write one residual stream",
        "어텐션이 하나의 잔차 스트림을 읽고 쓰지 않습니다.",
    ),
    (
        "positions give the residual coordinates a meaning, or no name says that they have none",
        "위치 정보가 잔차 좌표에 뜻을 주거나, 그렇지 않음을 알려 주는 이름이 없습니다.",
    ),
    (
        "sinusoidal positions give the residual coordinates a meaning",
        "사인파 위치 정보가 잔차 좌표에 뜻을 줍니다.",
    ),
    (
        "equal stored values are as many under every renumbering",
        "번호를 어떻게 바꾸어도 같은 값의 수가 같습니다.",
    ),
    (
        "the residual stream is {} wide here, {} in the reference",
        "잔차 스트림의 폭이 여기는 {0}, 참조 모델은 {1}입니다.",
    ),
    (
        "the residual stream is too narrow to be halved",
        "잔차 스트림이 너무 좁아 반으로 나눌 수 없습니다.",
    ),
    ("there is nothing to renumber", "번호를 바꿀 것이 없습니다."),
    ("there is no second layer to serve as a control", "대조로 쓸 두 번째 레이어가 없습니다."),
    ("too few hidden units to be matched", "은닉 유닛이 너무 적어 짝지을 수 없습니다."),
    (
        "the check of its assumption failed: in a pair of layers that serves as a control {} % of the units agree",
        "가정을 확인하지 못했습니다. 대조 레이어 쌍에서 유닛의 {0} %가 일치합니다.",
    ),
    (
        "the check of its assumption failed: a pair of layers that serves as a control gained {} nats, more than the {} it was free to choose",
        "가정을 확인하지 못했습니다. 대조 레이어 쌍이 허용된 {1}나트보다 많은 {0}나트를 얻었습니다.",
    ),
    (
        "hidden relations, and how weights were changed, are looked for in a full comparison only",
        "숨겨진 관계와 가중치의 변화는 전체 비교에서만 찾습니다.",
    ),
    (
        "the bytes that may be read were spent before this component",
        "이 구성 요소에 이르기 전에 허용된 바이트를 다 읽었습니다.",
    ),
    (
        "tensors that no name places are looked for in a full comparison only: that reads them whole",
        "이름으로 자리를 알 수 없는 텐서는 전체를 읽는 전체 비교에서만 찾습니다.",
    ),
    (
        "the tokenizers differ, and rows are lined up by token in a full comparison only: {}",
        "토크나이저가 다르며, 행을 토큰별로 맞추는 일은 전체 비교에서만 합니다.",
    ),
    (
        "coefficients of a mixture are fitted in a full comparison only",
        "병합 계수는 전체 비교에서만 구합니다.",
    ),
    (
        "a sample was read, and a digest needs every byte",
        "표본만 읽었으며, 다이제스트에는 모든 바이트가 필요합니다.",
    ),
    (
        "weights that are not finite were not looked for outside the sample",
        "유한하지 않은 가중치는 표본 밖에서 찾지 않았습니다.",
    ),
    ("the suspect has no configuration that was read", "검증 대상에서 읽은 설정 파일이 없습니다."),
    (
        "the reference has no configuration that was read",
        "참조 모델에서 읽은 설정 파일이 없습니다.",
    ),
    ("the suspect carries no tokenizer", "검증 대상에 토크나이저가 없습니다."),
    ("the reference carries no tokenizer", "참조 모델에 토크나이저가 없습니다."),
    // Figures that prove nothing.
    ("cosine of norm weights", "정규화(norm) 가중치의 코사인"),
    ("correlation over depth of the spread of {}", "깊이에 따른 {0} 가중치 산포의 상관"),
    ("cosine of {} ({})", "{0} 텐서의 코사인({1})"),
    ("0.94 to 0.99 between unrelated models", "무관한 모델 사이에서 0.94~0.99"),
    ("up to 0.91 between unrelated models", "무관한 모델 사이에서 최대 0.91"),
    ("1.00 between unrelated models too", "무관한 모델 사이에서도 1.00"),
    (
        "norm weights are mostly positive and near a common mean, so unrelated models look alike by this figure; with each tensor's mean removed the {} weights correlate at {}",
        "정규화 가중치는 대부분 양수이고 공통 평균에 가까워 무관한 모델도 비슷해 보입니다. 텐서마다 평균을 빼면 가중치 {0}개의 상관은 {1}입니다.",
    ),
    (
        "norm weights are mostly positive and near a common mean, so unrelated models look alike by this figure; one side is constant, so no correlation is defined",
        "정규화 가중치는 대부분 양수이고 공통 평균에 가까워 무관한 모델도 비슷해 보입니다. 한쪽이 상수여서 상관을 정의할 수 없습니다.",
    ),
    (
        "the spread of weights changes smoothly with depth in most networks, so that curves over {} layers correlate between unrelated models too",
        "가중치의 산포는 대부분의 네트워크에서 깊이에 따라 완만하게 변하므로, {0}개 레이어의 곡선은 무관한 모델 사이에서도 상관을 보입니다.",
    ),
    (
        "the tensor is computed, not learned; {} of its stored values are equal",
        "학습된 것이 아니라 계산된 텐서입니다. 저장된 값의 {0}가 같습니다.",
    ),
    ("the tensor is computed, not learned", "학습된 것이 아니라 계산된 텐서입니다."),
    // What is missing beside the weights.
    (
        "no model card (README.md) lies beside the weights",
        "가중치 곁에 모델 카드(README.md)가 없습니다.",
    ),
    ("no licence is named", "라이선스를 밝히지 않았습니다."),
    ("{} has no front matter (a first line of `---`)", "{0} 파일에 머리말(첫 줄 ---)이 없습니다."),
    (
        "{}: the front matter that begins at line 1 never ends, so no field of it was read",
        "{0}: 1행에서 시작한 머리말이 끝나지 않아 항목을 읽지 못했습니다.",
    ),
    (
        "{} is not UTF-8 text, so nothing in it was read",
        "{0} 파일은 UTF-8 텍스트가 아니어서 읽지 못했습니다.",
    ),
];
