//! Where in a model's graphs a tensor is, and names that several graphs use.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::tensor::Stored;
use crate::Error;
use crate::error::{ErrorKind, Place};
use crate::limits::SCOPES_LIMIT;

/// The branches that a graph lies in, from the inside out. Graphs share what is around them, so
/// that many of them in a deep one cost no more than they take in the file.
#[derive(Debug, Default)]
pub(super) struct Scope(Option<Branch>);

#[derive(Debug)]
struct Branch {
    outer: Rc<Scope>,
    /// The node, and its attribute.
    node: Rc<str>,
    name: Rc<str>,
}

impl Scope {
    /// The graph that is attribute `name` of `node` in `outer`.
    pub(super) fn within(outer: &Rc<Scope>, node: &Rc<str>, name: Rc<str>) -> Self {
        Self(Some(Branch { outer: Rc::clone(outer), node: Rc::clone(node), name }))
    }

    /// The branches, each with a slash behind it, the outermost first.
    fn text(&self) -> String {
        let mut branches = Vec::new();
        let mut inner = &self.0;
        while let Some(branch) = inner {
            branches.push(branch);
            inner = &branch.outer.0;
        }
        branches.into_iter().rev().map(|b| format!("{}.{}/", b.node, b.name)).collect()
    }
}

/// The tensors, with the scope before the names that several graphs use.
pub(super) fn named_apart(mut tensors: Vec<Stored>, place: &Place) -> Result<Vec<Stored>, Error> {
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    for tensor in &tensors {
        *uses.entry(&tensor.name).or_default() += 1;
    }
    let again: Vec<bool> = tensors.iter().map(|tensor| 1 < uses[&*tensor.name]).collect();
    let mut added = 0;
    for (tensor, _) in tensors.iter_mut().zip(again).filter(|(_, again)| *again) {
        let scope = tensor.scope.text();
        added += scope.len();
        if SCOPES_LIMIT < added {
            let place = place.clone().tensor(&tensor.name).byte(tensor.byte);
            return Err(place.error(ErrorKind::ScopesTooLong { limit: SCOPES_LIMIT }));
        }
        tensor.name.insert_str(0, &scope);
    }
    Ok(tensors)
}
