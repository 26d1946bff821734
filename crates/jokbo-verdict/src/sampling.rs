//! What a verdict cost, and how the sample was drawn that it rests on.

/// Bytes read, of bytes there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cost {
    /// Different bytes that were read, in whole pages.
    pub read: u64,
    /// Bytes that there are to read.
    pub stored: u64,
}

/// How a component was sampled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampling {
    /// Looks at growing samples. Each was allotted a share of the level beforehand, so that
    /// stopping early costs no exactness.
    pub looks: u64,
    /// Why there was no further look.
    pub stopped: Stopped,
    /// 95 % interval of [`Values::cosine`](crate::Values::cosine), from its spread over the
    /// stretches of the sample. `None` with fewer than two.
    pub cosine: Option<Interval>,
    /// The same for [`Values::pearson`](crate::Values::pearson).
    pub pearson: Option<Interval>,
    /// The same for [`Values::relative_l2`](crate::Values::relative_l2).
    pub relative_l2: Option<Interval>,
}

/// The ends of an interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Why no further look was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// The verdict was settled.
    Settled,
    /// All that the tests may draw from had been drawn.
    Exhausted,
    /// There are no more looks.
    LastLook,
    /// The next look would have cost more bytes than were allowed.
    Budget,
}

impl Stopped {
    /// The word used in every report.
    pub fn word(self) -> &'static str {
        match self {
            Stopped::Settled => "settled",
            Stopped::Exhausted => "exhausted",
            Stopped::LastLook => "last-look",
            Stopped::Budget => "budget",
        }
    }
}
