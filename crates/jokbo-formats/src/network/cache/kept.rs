//! Blocks in memory: a bounded number, the first in the first out.

use std::collections::{BTreeMap, VecDeque};

use crate::limits::KEPT_LIMIT;

/// Blocks of one file in memory.
#[derive(Debug, Default)]
pub(super) struct Kept {
    blocks: BTreeMap<u64, Vec<u8>>,
    order: VecDeque<u64>,
    bytes: usize,
}

impl Kept {
    pub(super) fn get(&self, block: u64) -> Option<Vec<u8>> {
        self.blocks.get(&block).cloned()
    }

    pub(super) fn holds(&self, block: u64) -> bool {
        self.blocks.contains_key(&block)
    }

    pub(super) fn put(&mut self, block: u64, bytes: &[u8]) {
        if self.blocks.contains_key(&block) {
            return;
        }
        self.bytes += bytes.len();
        self.blocks.insert(block, bytes.to_vec());
        self.order.push_back(block);
        while KEPT_LIMIT < self.bytes {
            let Some(oldest) = self.order.pop_front() else { break };
            self.bytes -= self.blocks.remove(&oldest).map_or(0, |bytes| bytes.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_in_is_the_first_out() {
        let mut kept = Kept::default();
        let blocks = u64::try_from(KEPT_LIMIT >> 14).unwrap() + 2;
        for block in 0..blocks {
            kept.put(block, &[0; 1 << 14]);
        }
        assert!(kept.bytes <= KEPT_LIMIT);
        assert_eq!((kept.get(0), kept.get(1)), (None, None));
        assert!(kept.holds(2) && kept.holds(blocks - 1));
    }
}
