//! Who the user is at the provider, in the provider's own words.

use serde_json::{Map, Value};

use crate::{Error, Http, Result};

/// Longest text of a provider that is kept.
const MAX_CHARS: usize = 256;

/// Longest address of a picture.
const MAX_URL: usize = 2048;

/// Where GitHub tells the addresses that are not public.
const GITHUB_EMAILS: &str = "https://api.github.com/user/emails";

/// What is known of the user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// Never empty, never given to another user.
    pub provider_user_id: String,
    /// As the provider spells it.
    pub email_address: Option<String>,
    /// What the provider says of that address, if anything.
    pub email_address_verified: Option<bool>,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// What the user is called there.
    pub username: Option<String>,
    /// The user's picture.
    pub image_url: Option<String>,
}

impl Profile {
    /// Reads the claims that the provider called `key` gave.
    pub fn of(key: &str, claims: &Map<String, Value>) -> Result<Self> {
        let mut profile = match key {
            "github" => github(claims),
            "discord" => discord(claims),
            "facebook" => facebook(claims),
            _ => standard(claims),
        };
        profile.image_url = profile.image_url.filter(|url| is_picture(url));
        if profile.provider_user_id.is_empty() {
            return Err(Error::Nonsense("it does not tell who the user is"));
        }
        Ok(profile)
    }

    /// Adds what is only told where one asks for it: GitHub's addresses.
    pub async fn complete(mut self, key: &str, http: &Http, access_token: &str) -> Self {
        if key != "github" {
            return self;
        }
        // That the scope for it was not granted is no reason to fail.
        if let Ok(Value::Array(emails)) = http.get(GITHUB_EMAILS, Some(access_token)).await
            && let Some(Value::Object(email)) =
                emails.into_iter().find(|email| email.get("primary") == Some(&Value::Bool(true)))
        {
            self.email_address = text(&email, "email");
            self.email_address_verified = flag(&email, "verified");
        }
        self
    }
}

/// OpenID Connect Core 1.0, 5.1; a provider without OpenID may say `id`.
fn standard(claims: &Map<String, Value>) -> Profile {
    let (first, last) = names(claims);
    Profile {
        provider_user_id: id(claims, "sub").or_else(|| id(claims, "id")).unwrap_or_default(),
        email_address: text(claims, "email"),
        email_address_verified: flag(claims, "email_verified"),
        first_name: text(claims, "given_name").or(first),
        last_name: text(claims, "family_name").or(last),
        username: text(claims, "preferred_username").or_else(|| text(claims, "nickname")),
        image_url: long_text(claims, "picture", MAX_URL),
    }
}

fn github(claims: &Map<String, Value>) -> Profile {
    let (first_name, last_name) = names(claims);
    Profile {
        provider_user_id: id(claims, "id").unwrap_or_default(),
        // Public, chosen by the user among those that are verified; said so elsewhere.
        email_address: text(claims, "email"),
        email_address_verified: None,
        first_name,
        last_name,
        username: text(claims, "login"),
        image_url: long_text(claims, "avatar_url", MAX_URL),
    }
}

fn discord(claims: &Map<String, Value>) -> Profile {
    let id = id(claims, "id").unwrap_or_default();
    let avatar = text(claims, "avatar");
    Profile {
        image_url: avatar.map(|hash| format!("https://cdn.discordapp.com/avatars/{id}/{hash}.png")),
        provider_user_id: id,
        email_address: text(claims, "email"),
        email_address_verified: flag(claims, "verified"),
        first_name: text(claims, "global_name"),
        last_name: None,
        username: text(claims, "username"),
    }
}

fn facebook(claims: &Map<String, Value>) -> Profile {
    let picture = claims.get("picture").and_then(|picture| picture.pointer("/data"));
    Profile {
        provider_user_id: id(claims, "id").unwrap_or_default(),
        email_address: text(claims, "email"),
        email_address_verified: None,
        first_name: text(claims, "first_name"),
        last_name: text(claims, "last_name"),
        username: None,
        image_url: picture.and_then(Value::as_object).and_then(|p| long_text(p, "url", MAX_URL)),
    }
}

/// The first word of a whole name, and the others.
fn names(claims: &Map<String, Value>) -> (Option<String>, Option<String>) {
    let Some(name) = text(claims, "name") else { return (None, None) };
    match name.trim().split_once(' ') {
        Some((first, last)) => (Some(first.to_owned()), Some(last.trim().to_owned())),
        None => (Some(name.trim().to_owned()), None),
    }
}

/// A text or an integer; numbers keep their digits.
fn id(claims: &Map<String, Value>, name: &str) -> Option<String> {
    match claims.get(name)? {
        Value::Number(number) if number.is_u64() => Some(number.to_string()),
        _ => text(claims, name),
    }
}

fn text(claims: &Map<String, Value>, name: &str) -> Option<String> {
    long_text(claims, name, MAX_CHARS)
}

fn long_text(claims: &Map<String, Value>, name: &str, max: usize) -> Option<String> {
    let text = claims.get(name)?.as_str()?;
    let good =
        !text.is_empty() && text.chars().count() <= max && !text.chars().any(char::is_control);
    good.then(|| text.to_owned())
}

/// Some providers write their booleans as texts.
fn flag(claims: &Map<String, Value>, name: &str) -> Option<bool> {
    match claims.get(name)? {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn is_picture(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "https" | "http"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(key: &str, claims: Value) -> Profile {
        let Value::Object(claims) = claims else { panic!("claims are an object") };
        Profile::of(key, &claims).expect("a profile")
    }

    #[test]
    fn standard_claims_are_read_by_their_names() {
        let claims = json!({
            "sub": "1", "email": "a@b.c", "email_verified": "true", "given_name": "Ada",
            "family_name": "Lovelace", "preferred_username": "ada", "picture": "https://p.example/1",
        });
        let expected = Profile {
            provider_user_id: "1".to_owned(),
            email_address: Some("a@b.c".to_owned()),
            email_address_verified: Some(true),
            first_name: Some("Ada".to_owned()),
            last_name: Some("Lovelace".to_owned()),
            username: Some("ada".to_owned()),
            image_url: Some("https://p.example/1".to_owned()),
        };
        assert_eq!(of("google", claims), expected);
    }

    #[test]
    fn others_have_words_of_their_own() {
        let claims = json!({ "id": 583_231, "login": "octocat", "name": "Mona Lisa Octocat" });
        let github = of("github", claims);
        assert_eq!(github.provider_user_id, "583231");
        assert_eq!(github.last_name.as_deref(), Some("Lisa Octocat"));
        let claims = json!({ "id": "80", "username": "n", "avatar": "abc", "verified": false });
        let discord = of("discord", claims);
        assert_eq!(
            discord.image_url.as_deref(),
            Some("https://cdn.discordapp.com/avatars/80/abc.png")
        );
        assert_eq!(discord.email_address_verified, Some(false));
        let claims = json!({ "id": "9", "picture": { "data": { "url": "https://f.example/p" } } });
        assert_eq!(of("facebook", claims).image_url.as_deref(), Some("https://f.example/p"));
    }

    #[test]
    fn what_is_too_long_or_odd_is_left_out_and_nobody_is_refused() {
        let claims = json!({
            "sub": "1", "given_name": "x".repeat(257), "family_name": "a\u{0}b",
            "picture": "javascript:alert(1)", "email_verified": "perhaps",
        });
        let expected = Profile { provider_user_id: "1".to_owned(), ..Profile::default() };
        assert_eq!(of("google", claims), expected);
        for claims in [json!({}), json!({ "sub": "" }), json!({ "sub": ["1"] })] {
            let Value::Object(claims) = claims else { unreachable!() };
            assert!(Profile::of("google", &claims).is_err());
        }
    }
}
