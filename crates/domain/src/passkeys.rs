//! For whom passkeys are made, and how they are called.

use rollbook_wire::Code;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{PersonName, Problem, parse_name};

/// The most origins an instance may have.
const MAX_ORIGINS: usize = 100;

/// The relying party of an instance's passkeys (WebAuthn Level 3, 4 and 5.1.2).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasskeySettings {
    /// The domain that passkeys are bound to for ever; null is the host of the
    /// first origin, or of the server's public URL if there is none.
    pub rp_id: Option<String>,
    /// The pages that may ask for passkeys, such as `https://app.example.com`;
    /// empty is the server's public URL if it is on `rp_id`, else `https://` and `rp_id`.
    pub origins: Vec<String>,
}

impl PasskeySettings {
    /// Domain and origins, with the server's public URL in place of what is not
    /// set; none if that has no domain.
    pub fn relying_party(&self, public_url: &str) -> Option<(String, Vec<Url>)> {
        let public = origin(public_url);
        let origins: Vec<Url> = self.origins.iter().filter_map(|text| origin(text)).collect();
        let first = origins.first().or(public.as_ref());
        let id = self.rp_id.clone().or_else(|| Some(first?.domain()?.to_owned()))?;
        if !origins.is_empty() {
            return Some((id, origins));
        }
        let public = public.filter(|url| is_on(url, &id));
        let origin = public.or_else(|| origin(&format!("https://{id}")))?;
        Some((id, vec![origin]))
    }

    /// What is wrong with it, each with the name of the setting.
    pub(crate) fn problems(&self) -> Vec<(&'static str, &'static str)> {
        let mut problems = Vec::new();
        if self.rp_id.as_deref().is_some_and(|id| !is_domain(id)) {
            problems.push(("rp_id", "must be a domain in lower case, such as example.com"));
        }
        if self.origins.len() > MAX_ORIGINS {
            problems.push(("origins", "must not have more than 100 values"));
        }
        let origins: Vec<_> = self.origins.iter().map(|text| origin(text)).collect();
        if origins.iter().any(Option::is_none) {
            problems.push((
                "origins",
                "must be such as https://app.example.com, or http:// only on localhost",
            ));
        }
        let first = origins.iter().flatten().find_map(|url| url.domain());
        if let Some(id) = self.rp_id.as_deref().or(first)
            && origins.iter().flatten().any(|url| !is_on(url, id))
        {
            problems.push(("origins", "must all be on rp_id or below it"));
        }
        problems
    }
}

/// The name of a passkey as given; `Passkey` if it is empty.
pub fn parse_passkey_name(text: &str) -> Result<String, Problem> {
    let name = parse_name(text.trim(), "name")?;
    Ok(name.as_ref().map_or("Passkey", PersonName::as_str).to_owned())
}

/// Scheme, domain and port; browsers make passkeys nowhere else than on `https` and localhost.
fn origin(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let domain = url.domain()?;
    let secure = match url.scheme() {
        "https" => true,
        "http" => domain == "localhost" || domain.ends_with(".localhost"),
        _ => false,
    };
    let bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    (secure && bare).then_some(url)
}

fn is_domain(text: &str) -> bool {
    let url = Url::parse(&format!("https://{text}/"));
    url.is_ok_and(|url| url.domain() == Some(text) && url.port().is_none())
}

fn is_on(url: &Url, id: &str) -> bool {
    url.domain().is_some_and(|domain| {
        domain == id || domain.strip_suffix(id).is_some_and(|rest| rest.ends_with('.'))
    })
}

/// The most passkeys a user may have, as Clerk documents it.
pub const MAX_PASSKEYS: usize = 10;

/// No more passkeys for this user.
pub fn too_many_passkeys() -> Problem {
    let text = format!("A user cannot have more than {MAX_PASSKEYS} passkeys.");
    Problem::new(Code::QuotaExceeded, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(rp_id: Option<&str>, origins: &[&str]) -> PasskeySettings {
        let origins = origins.iter().map(|text| (*text).to_owned()).collect();
        PasskeySettings { rp_id: rp_id.map(str::to_owned), origins }
    }

    fn found(settings: &PasskeySettings, public_url: &str) -> Option<(String, Vec<String>)> {
        let (id, origins) = settings.relying_party(public_url)?;
        Some((id, origins.iter().map(|url| url.origin().ascii_serialization()).collect()))
    }

    #[test]
    fn the_relying_party_follows_from_what_is_set() {
        for (rp_id, origins, public_url, id, expected) in [
            (
                None,
                &[][..],
                "https://auth.example.com",
                "auth.example.com",
                "https://auth.example.com",
            ),
            (None, &[], "http://localhost:4100", "localhost", "http://localhost:4100"),
            (
                Some("example.com"),
                &[],
                "https://auth.example.com",
                "example.com",
                "https://auth.example.com",
            ),
            (Some("example.org"), &[], "http://127.0.0.1:1", "example.org", "https://example.org"),
            (
                None,
                &["https://app.example.com"],
                "http://10.0.0.1",
                "app.example.com",
                "https://app.example.com",
            ),
        ] {
            let found = found(&settings(rp_id, origins), public_url);
            assert_eq!(
                found,
                Some((id.to_owned(), vec![expected.to_owned()])),
                "{rp_id:?} {origins:?}"
            );
        }
        // No passkey can be bound to an address.
        assert_eq!(found(&settings(None, &[]), "http://127.0.0.1:4100"), None);
    }

    #[test]
    fn what_no_browser_would_take_is_refused() {
        for good in [
            settings(Some("example.com"), &["https://example.com", "https://a.b.example.com:8443"]),
            settings(None, &["http://localhost:3000", "http://app.localhost"]),
            settings(None, &[]),
        ] {
            assert_eq!(good.problems(), [], "{good:?}");
        }
        for (bad, name) in [
            (settings(Some("Example.com"), &[]), "rp_id"),
            (settings(Some("example.com:443"), &[]), "rp_id"),
            (settings(Some("127.0.0.1"), &[]), "rp_id"),
            (settings(Some("example.com/a"), &[]), "rp_id"),
            (settings(None, &["http://example.com"]), "origins"),
            (settings(None, &["https://example.com/app"]), "origins"),
            (settings(None, &["https://10.0.0.1"]), "origins"),
            (settings(None, &["example.com"]), "origins"),
            (settings(Some("example.com"), &["https://notexample.com"]), "origins"),
            (settings(None, &["https://a.example", "https://b.example"]), "origins"),
        ] {
            let names: Vec<_> = bad.problems().into_iter().map(|(name, _)| name).collect();
            assert_eq!(names, [name], "{bad:?}");
        }
    }
}
