//! The names that the pickles of PyTorch and NumPy give, none of which is ever looked up.

use super::heap::{Heap, Node};
use crate::oddity::Oddities;
use crate::words::Shown;

/// Tells of every name in `heap` that weights do not need. A name says what unpickling would
/// import, and often call.
pub(crate) fn tell(heap: &Heap<'_>, oddities: &mut Oddities) {
    let mut names: Vec<(&str, &str)> = heap
        .nodes
        .iter()
        .filter_map(|node| match node {
            Node::Global(module, name) => Some((heap.text(*module), heap.text(*name))),
            _ => None,
        })
        .filter(|(module, name)| !is_known(module, name))
        .collect();
    names.sort_unstable();
    names.dedup();
    for (module, name) in names {
        let what = format_args!(
            "the pickle names `{}.{}`, which a loader would import; it was not run",
            Shown(module),
            Shown(name)
        );
        oddities.tell("names in the pickle", None, what);
    }
}

/// Whether a name belongs to the form of weights, or is a plain container or number.
fn is_known(module: &str, name: &str) -> bool {
    match module {
        "torch._utils" => name.starts_with("_rebuild_"),
        "torch._tensor" => name == "_rebuild_from_type_v2",
        "torch" | "torch.cuda" | "torch.storage" => is_torch(name),
        "torch.nn.parameter" => name == "Parameter" || name == "Buffer",
        "torch.jit._pickle" => name.starts_with("build_") || name.starts_with("restore_"),
        "torch.serialization" => name == "_get_layout",
        "collections" => matches!(name, "OrderedDict" | "defaultdict" | "Counter"),
        "numpy" => matches!(name, "dtype" | "ndarray"),
        "numpy.core.multiarray" | "numpy._core.multiarray" => {
            matches!(name, "scalar" | "_reconstruct")
        }
        "numpy.core.numeric" | "numpy._core.numeric" => name == "_frombuffer",
        "_codecs" => name == "encode",
        // The types of a TorchScript archive, which are no Python.
        _ => module == "__torch__" || module.starts_with("__torch__."),
    }
}

/// Storages, element types and the little that goes with them.
fn is_torch(name: &str) -> bool {
    const ELEMENTS: &[&str] =
        &["float", "bfloat", "int", "uint", "qint", "quint", "complex", "bool"];
    let numbered = |stem: &&str| {
        name.strip_prefix(*stem).is_some_and(|rest| {
            rest.bytes().all(|byte| byte.is_ascii_digit() || b"_emfnuzx".contains(&byte))
        })
    };
    name.ends_with("Storage")
        || matches!(name, "Size" | "device" | "Tensor" | "half" | "double" | "long" | "short")
        || ELEMENTS.iter().any(numbered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_weights_need_is_known() {
        for (module, name) in [
            ("torch._utils", "_rebuild_tensor_v2"),
            ("torch", "float8_e4m3fn"),
            ("torch", "BFloat16Storage"),
            ("collections", "OrderedDict"),
            ("__torch__.m", "Net"),
        ] {
            assert!(is_known(module, name), "{module}.{name}");
        }
        for (module, name) in [
            ("os", "system"),
            ("torch", "load"),
            ("torch", "intx.y"),
            ("torch._utils", "import_module"),
            ("builtins", "eval"),
            ("__torch__x", "Net"),
        ] {
            assert!(!is_known(module, name), "{module}.{name}");
        }
    }
}
