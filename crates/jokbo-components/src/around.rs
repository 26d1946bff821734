//! What the tensors beside a fused or stacked one, and the config, say about how to cut it.

use std::collections::BTreeMap;

use jokbo_tensors::Entry;
use serde_json::Value;

use crate::choose::Choice;
use crate::family::Layout;

/// Where a tensor stands: the prefix of its pattern and its layer.
type Place<'a> = (&'a str, Option<u32>);

/// Sizes read off a checkpoint before any tensor is cut.
#[derive(Debug, Default)]
pub(crate) struct Around<'a> {
    /// Columns of the attention output of a layer: what queries are wide.
    output_cols: BTreeMap<Place<'a>, u64>,
    /// `[a, b]` of the stacked gate-and-up and of the stacked down matrices of a layer.
    stacks: BTreeMap<Place<'a>, [Option<[u64; 2]>; 2]>,
    heads: Option<u64>,
    key_value_heads: Option<u64>,
    head_size: Option<u64>,
}

impl<'a> Around<'a> {
    pub(crate) fn new(
        entries: &[Entry],
        choices: &[Option<Choice<'a>>],
        config: Option<&Value>,
    ) -> Self {
        let heads = in_config(config, &["num_attention_heads", "n_head"]);
        let key_value_heads = in_config(config, &["num_key_value_heads"]).or(heads);
        let evenly = || {
            let (width, heads) = (in_config(config, &["hidden_size"])?, heads?);
            width.is_multiple_of(heads).then(|| width / heads)
        };
        let head_size = in_config(config, &["head_dim"])
            .or_else(evenly)
            .or_else(|| in_config(config, &["rotary_dim"]));
        let mut around = Self { heads, key_value_heads, head_size, ..Self::default() };
        for (entry, choice) in entries.iter().zip(choices) {
            let Some(choice) = choice else { continue };
            let place = (choice.prefix, choice.hit.layer);
            match (choice.rule.layout, entry.shape.as_slice()) {
                (Layout::Plain, [_, cols]) if choice.rule.roles[0] == "attention-output" => {
                    around.output_cols.insert(place, *cols);
                }
                (Layout::Stacked { .. }, &[_, a, b]) => {
                    let is_down = usize::from(choice.rule.roles.len() == 1);
                    around.stacks.entry(place).or_default()[is_down] = Some([a, b]);
                }
                _ => {}
            }
        }
        around
    }

    /// The number of attention heads, if the config has one for the language model.
    pub(crate) fn heads(&self) -> Option<u64> {
        self.heads
    }

    /// The number of coordinates of an attention head, if the config says.
    pub(crate) fn head_size(&self) -> Option<u64> {
        self.head_size
    }

    /// How many of `rows` fused rows are queries, when what is left can be halved.
    pub(crate) fn query_rows(&self, choice: &Choice<'_>, rows: u64) -> Option<u64> {
        let by_output = self.output_cols.get(&(choice.prefix, choice.hit.layer)).copied();
        let by_config = || {
            let (heads, pairs) = (self.heads?, self.key_value_heads?);
            let all = heads.checked_add(pairs.checked_mul(2)?)?;
            (rows.is_multiple_of(all)).then(|| rows / all * heads)
        };
        let query = by_output.or_else(by_config)?;
        (0 < query && query < rows && (rows - query).is_multiple_of(2)).then_some(query)
    }

    /// Whether the stacks of this layer are `[expert, in, out]`. Gate-and-up `[_, 2h, d]` with
    /// down `[_, d, h]` is one layout, `[_, d, 2h]` with `[_, h, d]` the other: the width `d`
    /// stands last in the one and in the middle of the other, or the reverse.
    pub(crate) fn flipped(&self, choice: &Choice<'_>) -> Option<bool> {
        let [Some(gate_up), Some(down)] = self.stacks.get(&(choice.prefix, choice.hit.layer))?
        else {
            return None;
        };
        let as_rows = gate_up[1] == down[0] && gate_up[0] == down[1].checked_mul(2)?;
        let as_cols = gate_up[0] == down[1] && gate_up[1] == down[0].checked_mul(2)?;
        (as_rows != as_cols).then_some(as_cols)
    }
}

/// A positive number from the config: its top level, or what it says about its language model.
fn in_config(config: Option<&Value>, keys: &[&str]) -> Option<u64> {
    let config = config?;
    let nested = ["text_config", "llm_config", "language_config"];
    let places = [Some(config)].into_iter().chain(nested.map(|name| config.get(name)));
    places
        .flatten()
        .flat_map(|place| keys.iter().filter_map(|key| place.get(key)?.as_u64()))
        .find(|&number| 0 < number)
}
