//! An address on the web, as far as one is needed to ask for a file.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Longest address, in bytes. Signed ones have some 2 kB.
const ADDRESS_LIMIT: usize = 16 << 10;

/// `https://host[:port]/path[?query]`, or the same with `http`.
///
/// The query may be a signature, so it is in no message: both `Display` and `Debug` leave it out.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    secure: bool,
    host: String,
    port: u16,
    path: String,
    query: Option<String>,
}

impl Address {
    /// Reads a whole address. One that names a user is refused, for it would name a password too.
    pub fn read(text: &str) -> Result<Self, &'static str> {
        if ADDRESS_LIMIT < text.len() {
            return Err("the address is too long");
        }
        if !text.chars().all(|c| c.is_ascii_graphic() && !"\"<>\\^`{|}".contains(c)) {
            return Err("the address holds characters that must be written as %XX");
        }
        let (scheme, rest) = text.split_once("://").ok_or("the address has no scheme")?;
        let secure = match scheme {
            "https" => true,
            "http" => false,
            _ => return Err("the address is neither https nor http"),
        };
        let rest = rest.split('#').next().unwrap_or(rest);
        let (host, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        if host.contains('@') {
            return Err("the address names a user");
        }
        let (host, port) = match host.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => {
                (host, port.parse().map_err(|_| "the address has no lawful port")?)
            }
            _ => (host, default_port(secure)),
        };
        if !is_host(host) {
            return Err("the address has no lawful host");
        }
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (rest, None),
        };
        let path = if path.is_empty() { "/" } else { path }.to_owned();
        Ok(Self { secure, host: host.to_ascii_lowercase(), port, path, query })
    }

    /// Scheme, host and port: those that one secret is meant for.
    pub(crate) fn origin(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        let host = &self.host;
        if self.port == default_port(self.secure) {
            format!("{scheme}://{host}")
        } else {
            format!("{scheme}://{host}:{}", self.port)
        }
    }

    /// Whether it is https.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// Whether it stays on this machine.
    pub fn is_loopback(&self) -> bool {
        let bare = self.host.trim_matches(['[', ']']);
        self.host == "localhost"
            || bare.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
            || bare.parse::<Ipv6Addr>().is_ok_and(|ip| ip.is_loopback())
    }

    /// The host, as messages name it.
    pub fn host(&self) -> &str {
        &self.host
    }
}

/// What asking for a file takes.
#[cfg(feature = "http")]
impl Address {
    /// `https://host`, of a host that is known to be lawful.
    pub(crate) fn of_host(host: &str) -> Self {
        let (host, path) = (host.to_owned(), "/".to_owned());
        Self { secure: true, host, port: default_port(true), path, query: None }
    }

    /// Where a redirect to `location` leads from here.
    pub(crate) fn join(&self, location: &str) -> Result<Self, &'static str> {
        let origin = self.origin();
        if location.contains("://") && !location.starts_with('/') {
            Self::read(location)
        } else if location.starts_with("//") {
            let scheme = if self.secure { "https:" } else { "http:" };
            Self::read(&format!("{scheme}{location}"))
        } else if location.starts_with('/') {
            Self::read(&format!("{origin}{location}"))
        } else if location.contains(':') {
            Err("the address is neither https nor http")
        } else {
            let folder = self.path.rfind('/').map_or("/", |slash| &self.path[..=slash]);
            Self::read(&format!("{origin}{folder}{location}"))
        }
    }

    /// The address of `path` below this one; what is not plain in a path is escaped.
    pub(crate) fn below(&self, path: &str) -> Self {
        let mut escaped = String::with_capacity(path.len());
        for byte in path.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
                escaped.push(char::from(byte));
            } else {
                escaped.push_str(&format!("%{byte:02X}"));
            }
        }
        self.below_escaped(&escaped)
    }

    /// The address of `path` below this one, which holds nothing that needs escaping any more.
    pub(crate) fn below_escaped(&self, path: &str) -> Self {
        let path = format!("{}/{path}", self.path.trim_end_matches('/'));
        Self { path, query: None, ..self.clone() }
    }

    /// The same with a query.
    pub(crate) fn asking(self, query: &str) -> Self {
        Self { query: Some(query.to_owned()), ..self }
    }

    /// The whole address, secrets included: for the request alone.
    pub(crate) fn to_request(&self) -> String {
        match &self.query {
            Some(query) => format!("{self}?{query}"),
            None => self.to_string(),
        }
    }

    /// The last part of the path; the host where there is none.
    pub(crate) fn file_name(&self) -> &str {
        match self.path.rsplit('/').next() {
            Some(name) if !name.is_empty() => name,
            _ => &self.host,
        }
    }
}

fn default_port(secure: bool) -> u16 {
    if secure { 443 } else { 80 }
}

fn is_host(host: &str) -> bool {
    if let Some(inner) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return inner.parse::<Ipv6Addr>().is_ok();
    }
    let lawful = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    !host.is_empty() && host.chars().all(lawful) && !host.starts_with(['.', '-'])
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin(), self.path)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

#[cfg(all(test, feature = "http"))]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_asked_with_and_never_shown() {
        let address = Address::read("https://Host.example/a/b?X-Sig=abc#part").unwrap();
        assert_eq!(address.to_request(), "https://host.example/a/b?X-Sig=abc");
        assert_eq!(address.to_string(), "https://host.example/a/b");
        assert_eq!(format!("{address:?}"), "Address(https://host.example/a/b)");
        assert_eq!(address.file_name(), "b");
    }

    #[test]
    fn only_lawful_addresses_are_read() {
        for bad in [
            "https://",
            "https:///a",
            "https://u:p@h/a",
            "https://h:x/a",
            "https://h:99999/a",
            "https://h/a b",
            "https://h/\u{e9}",
            "https://h/\r\nX: y",
            "file:///etc/passwd",
            "https://[::g]/",
            "https://-h/",
        ] {
            assert!(Address::read(bad).is_err(), "{bad}");
        }
        assert!(Address::read(&format!("https://h/{}", "a".repeat(16 << 10))).is_err());
    }

    #[test]
    fn redirects_lead_where_they_say() {
        let from = Address::read("https://h:8443/a/b?x=1").unwrap();
        for (location, want) in [
            ("https://cdn.example/c?sig=1", "https://cdn.example/c?sig=1"),
            ("//cdn.example/c", "https://cdn.example/c"),
            ("/c?y=https://e", "https://h:8443/c?y=https://e"),
            ("c", "https://h:8443/a/c"),
        ] {
            assert_eq!(from.join(location).unwrap().to_request(), want);
        }
        for bad in ["file:///etc/passwd", "data:text/plain,x", "ftp://h/a", "javascript:x"] {
            assert!(from.join(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_path_below_is_escaped() {
        let endpoint = Address::read("https://h/hub/").unwrap();
        let got = endpoint.below("o/n/resolve/refs%2Fpr/a b?.bin").to_request();
        assert_eq!(got, "https://h/hub/o/n/resolve/refs%252Fpr/a%20b%3F.bin");
    }

    #[test]
    fn this_machine_is_known() {
        for (text, want) in [
            ("http://localhost:1/", true),
            ("http://127.3.2.1/", true),
            ("http://[::1]:80/", true),
            ("http://localhost.example/", false),
            ("http://127.0.0.1.example/", false),
            ("http://10.0.0.1/", false),
        ] {
            assert_eq!(Address::read(text).unwrap().is_loopback(), want, "{text}");
        }
    }
}
