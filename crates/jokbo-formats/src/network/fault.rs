//! What can go wrong between here and a server.

use crate::Shown;

/// Why bytes did not come. No message holds a query, a token or text of the server's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "a variant's message is its documentation")]
pub enum Fault {
    #[error("the network is off, and {what}")]
    Offline { what: &'static str },
    #[error("this program was built without {what}")]
    NotBuilt { what: &'static str },
    #[error("{host} cannot be reached: {said}")]
    Unreachable { host: String, said: String },
    #[error("{host} was silent for {seconds} seconds")]
    Silent { host: String, seconds: u64 },
    #[error("{host} broke off after {got} of {wanted} bytes")]
    CutOff { host: String, got: u64, wanted: u64 },
    #[error("{host} answers {status}: {}", meaning(*status, code.as_deref()))]
    Status { host: String, status: u16, code: Option<String> },
    #[error("{host} asks to wait for {seconds} seconds")]
    Busy { host: String, seconds: u64 },
    #[error("{host} cannot send a part of a file: it ignores the range that was asked for")]
    IgnoresRanges { host: String },
    #[error("{host} sent `{}` where the bytes {first} to {last} were asked for", Shown(got))]
    WrongRange { host: String, first: u64, last: u64, got: String },
    #[error(
        "the file changed while it was read: its {what} was `{}` and is `{}`",
        Shown(was),
        Shown(is)
    )]
    Changed { what: &'static str, was: String, is: String },
    #[error("{host} sends a web page, not the file")]
    WebPage { host: String },
    #[error("{host} sends the file in the encoding `{}`, which was not asked for", Shown(encoding))]
    Encoded { host: String, encoding: String },
    #[error("{host} does not say how long the file is")]
    NoLength { host: String },
    #[error("{host} redirects more than {limit} times")]
    RedirectLoop { host: String, limit: u32 },
    #[error("{host} redirects to where nothing is fetched from: {why}")]
    Redirect { host: String, why: &'static str },
    #[error("{host} answers with something else than a list of files: {said}")]
    Listing { host: String, said: String },
    #[error("{host} answers with more than {limit} bytes")]
    TooLong { host: String, limit: usize },
    #[error("{name}: {said}")]
    Bucket { name: String, said: String },
}

impl Fault {
    /// The fault that `error` stands for, when it stands for one.
    pub fn of(error: &std::io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }

    /// Whether the same question may well be answered a little later.
    #[cfg(feature = "http")]
    pub(crate) fn passes(&self) -> bool {
        match self {
            Fault::Unreachable { .. } | Fault::Silent { .. } | Fault::CutOff { .. } => true,
            Fault::Status { status, .. } => matches!(status, 408 | 429 | 500 | 502 | 503 | 504),
            _ => false,
        }
    }

    /// What the user can do about it, where that is known.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Fault::Status { status: 401 | 403, .. } => {
                "private and gated repositories need a token with access to them, in HF_TOKEN or \
                 from `hf auth login`"
            }
            Fault::Status { status: 404, .. } => {
                "compare the name and the revision with the page of the repository; a private one \
                 needs a token in HF_TOKEN"
            }
            Fault::Status { status: 429, .. } | Fault::Busy { .. } => {
                "wait and run the command again; what was fetched is kept and not asked for again"
            }
            Fault::Unreachable { .. } | Fault::Silent { .. } | Fault::CutOff { .. } => {
                "run the command again when the network is back; what was fetched is kept"
            }
            Fault::Offline { .. } => {
                "leave --offline and HF_HUB_OFFLINE out, or fetch the model and name its folder"
            }
            Fault::IgnoresRanges { .. } | Fault::WebPage { .. } | Fault::Encoded { .. } => {
                "fetch the file by other means and name it"
            }
            Fault::Changed { .. } => {
                "run the command again; name a commit as the revision to read one state"
            }
            Fault::NotBuilt { .. } => {
                "build the program with that feature; buckets are `--features buckets`"
            }
            _ => return None,
        })
    }
}

/// What a status means here. `code` is what a Hub adds to it.
fn meaning(status: u16, code: Option<&str>) -> &'static str {
    match (status, code) {
        (_, Some("GatedRepo")) => "the repository is gated, and this user has no access",
        (_, Some("RepoNotFound")) => "there is no such repository, or it is private",
        (_, Some("RevisionNotFound")) => "the repository has no such revision",
        (_, Some("EntryNotFound")) => "the repository has no such file",
        (401, _) => "it is not there for everybody, and no valid token was sent",
        (403, _) => "access is refused",
        (404, _) => "there is no such file",
        (407, _) => "the proxy asks for a password",
        (410, _) => "the file is gone",
        (429, _) => "too many requests",
        (451, _) => "withheld for legal reasons",
        (500..=599, _) => "the server fails",
        _ => "which is no answer to a question for a part of a file",
    }
}

#[cfg(all(test, feature = "http"))]
mod tests {
    use super::*;

    fn status(status: u16, code: Option<&str>) -> Fault {
        Fault::Status { host: "h".to_owned(), status, code: code.map(str::to_owned) }
    }

    #[test]
    fn what_may_pass_is_told_from_what_stays() {
        for code in [408, 429, 500, 502, 503, 504] {
            assert!(status(code, None).passes(), "{code}");
        }
        for code in [300, 400, 401, 403, 404, 410, 416, 451, 501] {
            assert!(!status(code, None).passes(), "{code}");
        }
        let changed =
            Fault::Changed { what: "ETag", was: "\"a\"".to_owned(), is: "\"b\"".to_owned() };
        assert!(!changed.passes());
    }

    #[test]
    fn a_refusal_says_what_is_missing() {
        let want = "h answers 403: the repository is gated, and this user has no access";
        assert_eq!(status(403, Some("GatedRepo")).to_string(), want);
        assert_eq!(status(404, None).to_string(), "h answers 404: there is no such file");
        assert!(status(401, None).hint().is_some_and(|hint| hint.contains("HF_TOKEN")));
    }
}
