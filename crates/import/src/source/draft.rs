//! A row of ours in the making.

use serde_json::{Map, Value};

use super::value::Source;

/// Parameters of a creation, gathered from another system's.
#[derive(Default)]
pub(crate) struct Draft {
    members: Map<String, Value>,
    emails: Vec<(String, bool)>,
    phones: Vec<(String, bool)>,
    accounts: Vec<Value>,
}

impl Draft {
    /// A parameter, if there is something to say.
    pub(crate) fn set(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.members.insert(name.to_owned(), value.into());
        }
    }

    /// A parameter if nothing was said of it yet.
    pub(crate) fn set_if_missing(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if !self.members.contains_key(name) {
            self.set(name, value);
        }
    }

    /// A switch that is on.
    pub(crate) fn switch(&mut self, name: &str, on: bool) {
        self.set(name, on.then_some(true));
    }

    /// The same parameters under the same names.
    pub(crate) fn take_over(&mut self, source: &Source, names: &[&str]) {
        for name in names {
            self.set(name, source.get(name).cloned());
        }
    }

    /// An object of metadata, unless it is empty.
    pub(crate) fn metadata(&mut self, name: &str, of: Option<Source>) {
        let members = of.map(Source::into_members).filter(|members| !members.is_empty());
        self.set(name, members);
    }

    /// An address; the first verified one is primary. One that came before stays as it was.
    pub(crate) fn email(&mut self, address: Option<String>, is_verified: bool) {
        add(&mut self.emails, address, is_verified);
    }

    /// A number, likewise.
    pub(crate) fn phone(&mut self, number: Option<String>, is_verified: bool) {
        let number = number.map(|number| number.split_whitespace().collect::<String>());
        add(&mut self.phones, number, is_verified);
    }

    /// Given and family name, or else both from the full name: its first word, and the rest.
    pub(crate) fn names(
        &mut self,
        first: Option<String>,
        last: Option<String>,
        full: Option<String>,
    ) {
        if first.is_some() || last.is_some() {
            self.set("first_name", first);
            self.set("last_name", last);
            return;
        }
        // Where there was no name some systems repeat the address.
        let Some(full) = full.filter(|full| !full.contains('@')) else { return };
        let mut words = full.split_whitespace();
        self.set("first_name", words.next());
        let rest = words.collect::<Vec<_>>().join(" ");
        self.set("last_name", (!rest.is_empty()).then_some(rest));
    }

    /// A digest and what made it.
    pub(crate) fn password(&mut self, digest: Option<(String, &str)>) {
        if let Some((digest, hasher)) = digest {
            self.set("password_digest", Some(digest));
            self.set("password_hasher", Some(hasher));
        }
    }

    /// An account at a provider, by the other system's name for it, where Clerk has one.
    pub(crate) fn account(&mut self, provider: &str, id: Option<String>, email: Option<String>) {
        if let (Some(provider), Some(id)) = (provider_of(provider), id) {
            let mut account = Map::new();
            account.insert("provider".to_owned(), provider.into());
            account.insert("provider_user_id".to_owned(), id.into());
            account.extend(email.map(|email| ("email_address".to_owned(), email.into())));
            self.accounts.push(account.into());
        }
    }

    /// An account as the API has them.
    pub(crate) fn account_as_it_is(&mut self, account: Value) {
        self.accounts.push(account);
    }

    pub(crate) fn finish(mut self) -> Map<String, Value> {
        let emails = std::mem::take(&mut self.emails);
        let phones = std::mem::take(&mut self.phones);
        for (name, list) in [("email_address", emails), ("phone_number", phones)] {
            if list.is_empty() {
                continue;
            }
            let status = |is_verified: &bool| if *is_verified { "verified" } else { "reserved" };
            let statuses: Vec<_> =
                list.iter().map(|(_, is_verified)| status(is_verified)).collect();
            self.set(&format!("{name}_identification_status"), Some(statuses));
            self.set(name, Some(list.into_iter().map(|(value, _)| value).collect::<Vec<_>>()));
        }
        if !self.accounts.is_empty() {
            self.members.insert("external_accounts".to_owned(), Value::Array(self.accounts));
        }
        self.members
    }
}

fn add(list: &mut Vec<(String, bool)>, value: Option<String>, is_verified: bool) {
    let Some(value) = value else { return };
    let value = value.trim().to_owned();
    if !value.is_empty() && !list.iter().any(|(known, _)| known.eq_ignore_ascii_case(&value)) {
        list.push((value, is_verified));
    }
}

/// Clerk's name of a provider.
fn provider_of(name: &str) -> Option<&'static str> {
    Some(match name.trim_end_matches(".com").trim_end_matches("-oauth2") {
        "google" => "oauth_google",
        "apple" => "oauth_apple",
        "facebook" => "oauth_facebook",
        "github" => "oauth_github",
        "gitlab" => "oauth_gitlab",
        "bitbucket" => "oauth_bitbucket",
        "microsoft" | "windowslive" | "azure" => "oauth_microsoft",
        "linkedin_oidc" => "oauth_linkedin_oidc",
        "linkedin" | "linkedin-openid-connect" => "oauth_linkedin",
        "twitter" => "oauth_twitter",
        "x" => "oauth_x",
        "discord" => "oauth_discord",
        "slack" | "slack_oidc" => "oauth_slack",
        "spotify" => "oauth_spotify",
        "twitch" => "oauth_twitch",
        "notion" => "oauth_notion",
        "dropbox" => "oauth_dropbox",
        "line" => "oauth_line",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn addresses_come_once_with_a_status_each() {
        let mut draft = Draft::default();
        draft.email(Some("a@x.example".to_owned()), true);
        draft.email(Some(" A@x.example".to_owned()), false);
        draft.email(Some("b@x.example".to_owned()), false);
        draft.email(None, true);
        draft.names(None, None, Some("Ada King Lovelace".to_owned()));
        draft.account("google-oauth2", Some("7".to_owned()), None);
        draft.account("floppy", Some("7".to_owned()), None);
        assert_eq!(
            Value::Object(draft.finish()),
            json!({
                "first_name": "Ada", "last_name": "King Lovelace",
                "email_address_identification_status": ["verified", "reserved"],
                "email_address": ["a@x.example", "b@x.example"],
                "external_accounts": [{ "provider": "oauth_google", "provider_user_id": "7" }],
            })
        );
    }
}
