//! One step of the work as a span, for whoever subscribes with the crate `tracing`.
//!
//! A span costs nothing where nobody subscribes, and no result sees one. Those of one comparison are
//! opened on the thread that asked for it, so that their times add up to the time it took.

/// Enters a span called `$name` until the value it gives is dropped. It carries the name of the
/// component at hand, or whatever else `$field` says.
macro_rules! step {
    ($name:literal, $field:ident = $value:expr) => {
        tracing::info_span!($name, $field = %$value).entered()
    };
    ($name:literal, $component:expr) => {
        step!($name, component = $component)
    };
}

pub(crate) use step;
