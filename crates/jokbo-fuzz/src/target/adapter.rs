//! A LoRA adapter: `adapter_config.json`, a byte that no text has, and the adapter's tensors; those
//! of a lawful one where there are none. It is also laid over a base.

use jokbo_formats::{Checkpoint, from_memory, merge};

use super::{BETWEEN, config_and_file};
use crate::{held, seeds};

/// As for a single file, and the names of the base turned around.
const MEMORY_TIMES: usize = 80;

pub(super) fn run(bytes: &[u8]) {
    let (config, file) = config_and_file(bytes);
    let file = if file.is_empty() { lawful() } else { file.to_vec() };
    let files = [("adapter_model.safetensors".to_owned(), file)];
    let Some(adapter) = held::checkpoint(&files, config.as_ref(), MEMORY_TIMES) else { return };
    held::values(&adapter);
    let base = base();
    let together = || merge(&base, &adapter).map(|(merged, told)| (merged.entries, told));
    if let Some((_, oddities)) = held::same(together(), together()) {
        held::told(&oddities);
        let (merged, _) = merge(&base, &adapter).expect("it was merged before");
        held::values(&merged);
    }
}

/// Two modules with a pair of matrices each, one saved whole, and a table.
fn lawful() -> Vec<u8> {
    let tensors = [
        ("base_model.model.h.0.q.lora_A.weight", [2, 8]),
        ("base_model.model.h.0.q.lora_B.weight", [8, 2]),
        ("base_model.model.h.0.up.lora_A.default.weight", [2, 8]),
        ("base_model.model.h.0.up.lora_B.default.weight", [16, 2]),
        ("base_model.model.embed.lora_embedding_A", [2, 16]),
        ("base_model.model.embed.lora_embedding_B", [8, 2]),
        ("base_model.model.head.weight", [4, 8]),
    ];
    seeds::bytes_of(&tensors)
}

fn base() -> Checkpoint {
    let tensors = [
        ("model.h.0.q.weight", [8, 8]),
        ("model.h.0.up.weight", [16, 8]),
        ("model.embed.weight", [16, 8]),
        ("head.weight", [4, 8]),
    ];
    let files = vec![("model.safetensors".to_owned(), seeds::bytes_of(&tensors))];
    from_memory("base", files, None).expect("the base is lawful").0
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let lawful_one = br#"{"peft_type":"LORA","r":2,"lora_alpha":4,"target_modules":["q","up"],"modules_to_save":["head"],"base_model_name_or_path":"org/base"}"#;
    let patterned = br#"{"peft_type":"LORA","r":8,"lora_alpha":16.5,"rank_pattern":{"q":2,"h.0.up":2,"embed":2},"alpha_pattern":{"q":1e-3},"use_rslora":true,"fan_in_fan_out":true,"init_lora_weights":"gaussian"}"#;
    let other = br#"{"peft_type":"LORA","r":2,"lora_alpha":4,"use_dora":true,"init_lora_weights":"pissa","target_modules":"all-linear"}"#;
    let mut configs = seeds::museum(&["adapter_config.json"]);
    configs.extend([lawful_one.to_vec(), patterned.to_vec(), other.to_vec()]);
    let mut all = configs.clone();
    let with_file = |config: Vec<u8>| [config, vec![BETWEEN], lawful()].concat();
    all.extend(configs.into_iter().take(3).map(with_file));
    all
}
