//! What a tensor of an adapter is called, and of what module it is.

/// What the name of every module begins with in an adapter's files.
const WRAPPER: &str = "base_model.model.";

/// Which matrix a tensor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Factor {
    Down,
    Up,
    TableDown,
    TableUp,
}

/// The module and the matrix that `name` means: `base_model.model.MODULE.lora_A.weight`, with the
/// adapter's own name perhaps before `weight`.
pub(super) fn factor(name: &str) -> Option<(&str, Factor)> {
    let name = unwrapped(name);
    let kinds = [
        (".lora_A", Factor::Down),
        (".lora_B", Factor::Up),
        (".lora_embedding_A", Factor::TableDown),
        (".lora_embedding_B", Factor::TableUp),
    ];
    kinds.into_iter().find_map(|(mark, factor)| {
        let (module, rest) = name.rsplit_once(mark)?;
        let plain = matches!(rest, "" | ".weight" | ".default" | ".default.weight");
        (plain && !module.is_empty()).then_some((module, factor))
    })
}

/// The name of a tensor in the model that was adapted.
pub(super) fn unwrapped(name: &str) -> &str {
    name.strip_prefix(WRAPPER).unwrap_or(name)
}

/// Whether `name` belongs to the adapter's own machinery and not to the model.
pub(super) fn is_own(name: &str) -> bool {
    name.contains(".lora_")
}

/// Whether `pattern` names `module`: it, or its last names. `None` when it is an expression of
/// more than names.
pub(super) fn names(pattern: &str, module: &str) -> Option<bool> {
    let plain = pattern.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    plain.then(|| {
        let rest = module.strip_suffix(pattern);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_module_and_matrix() {
        for (name, want) in [
            (
                "base_model.model.model.layers.0.q.lora_A.weight",
                Some(("model.layers.0.q", Factor::Down)),
            ),
            ("h.0.c_attn.lora_B.default.weight", Some(("h.0.c_attn", Factor::Up))),
            ("base_model.model.e.lora_embedding_A", Some(("e", Factor::TableDown))),
            ("base_model.model.e.lora_embedding_B", Some(("e", Factor::TableUp))),
            ("base_model.model.q.lora_magnitude_vector", None),
            ("base_model.model.lora_A.weight", None),
            ("q.lora_A.bias", None),
            ("lm_head.weight", None),
        ] {
            assert_eq!(factor(name), want, "{name}");
        }
    }

    #[test]
    fn a_pattern_names_whole_names_from_the_end() {
        assert_eq!(names("q_proj", "a.q_proj"), Some(true));
        assert_eq!(names("proj", "a.q_proj"), Some(false));
        assert_eq!(names("a.q_proj", "a.q_proj"), Some(true));
        assert_eq!(names("a.*", "a.q"), None);
    }
}
