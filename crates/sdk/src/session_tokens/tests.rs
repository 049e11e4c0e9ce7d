//! Tokens good, old, early, forged and malformed.

use std::sync::LazyLock;

use ring::rand::SystemRandom;
use ring::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use rollbook_tokens::PrivateKey;
use serde_json::json;

use super::*;

static DER: LazyLock<[Vec<u8>; 2]> =
    LazyLock::new(|| [7, 8].map(|seed| PrivateKey::generate([seed; 32]).unwrap().to_vec()));

static KEYS: LazyLock<[RsaKeyPair; 2]> =
    LazyLock::new(|| [0, 1].map(|n| RsaKeyPair::from_pkcs8(&DER[n]).unwrap()));

static PEM: LazyLock<String> =
    LazyLock::new(|| PrivateKey::from_pkcs8(&DER[0]).unwrap().public().pem().unwrap());

const NOW: i64 = 1_000_000;

fn at(seconds: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds.cast_unsigned())
}

fn set() -> PublicKeys {
    let jwk = PrivateKey::from_pkcs8(&DER[0]).unwrap().public().jwk("k1");
    let set = json!({ "keys": [{ "kty": "EC", "kid": "ec" }, jwk] });
    PublicKeys::from_jwks(&serde_json::from_value(set).unwrap())
}

fn signed(key: &RsaKeyPair, header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let mut signature = vec![0; key.public_key().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn header() -> Value {
    json!({ "alg": "RS256", "kid": "k1", "typ": "JWT" })
}

fn token(more: &Value) -> String {
    let mut claims = json!({
        "sub": "user_1", "sid": "sess_1", "azp": "https://app.example.com", "sts": "active",
        "iat": NOW, "nbf": NOW - 10, "exp": NOW + 60,
    });
    for (name, value) in more.as_object().unwrap() {
        claims[name] = value.clone();
    }
    signed(&KEYS[0], &header(), &claims)
}

fn check(token: &str, now: i64) -> Result<SessionClaims, TokenError> {
    verify_session_token(token, &set(), &VerifyOptions::default(), at(now))
}

#[test]
fn a_token_is_believed_by_key_set_and_by_pem() {
    let token = token(&json!({}));
    let one_line = PEM.replace('\n', "");
    let escaped = PEM.replace('\n', "\\n");
    for keys in [
        Some(set()),
        PublicKeys::from_pem(&PEM),
        PublicKeys::from_pem(&one_line),
        PublicKeys::from_pem(&escaped),
    ] {
        let keys = keys.unwrap();
        let claims =
            verify_session_token(&token, &keys, &VerifyOptions::default(), at(NOW)).unwrap();
        assert_eq!(
            (claims.user_id.as_str(), claims.session_id.unwrap().as_str()),
            ("user_1", "sess_1")
        );
    }
    for nonsense in ["", "PEM", "-----BEGIN PUBLIC KEY-----AAAA-----END PUBLIC KEY-----"] {
        assert_eq!(PublicKeys::from_pem(nonsense), None);
    }
}

#[test]
fn its_time_is_stretched_by_the_skew_on_both_ends() {
    let token = token(&json!({}));
    for (now, expected) in [
        (NOW - 16, Some(TokenError::NotYetValid)),
        (NOW - 6, Some(TokenError::IssuedInTheFuture)),
        (NOW - 5, None),
        (NOW + 64, None),
        (NOW + 65, Some(TokenError::Expired)),
    ] {
        assert_eq!(check(&token, now).err(), expected, "{}", now - NOW);
    }
    let strict = VerifyOptions { clock_skew: Duration::ZERO, ..VerifyOptions::default() };
    let late = verify_session_token(&token, &set(), &strict, at(NOW + 60));
    assert_eq!(late.err(), Some(TokenError::Expired));
}

#[test]
fn parties_and_audiences_are_those_asked_for() {
    let options = |parties: &[&str], audience: &[&str]| VerifyOptions {
        authorized_parties: parties.iter().map(ToString::to_string).collect(),
        audience: audience.iter().map(ToString::to_string).collect(),
        ..VerifyOptions::default()
    };
    let heard = json!({ "aud": ["api", "web"] });
    let nobody = json!({ "azp": null });
    let app: &[&str] = &["https://app.example.com"];
    for (more, options, expected) in [
        (&json!({}), options(app, &[]), None),
        (
            &json!({}),
            options(&["https://evil.example.com"], &[]),
            Some(TokenError::AuthorizedParty),
        ),
        (&nobody, options(app, &[]), Some(TokenError::AuthorizedParty)),
        (&heard, options(&[], &["web"]), None),
        (&json!({ "aud": "web" }), options(&[], &["web"]), None),
        (&heard, options(&[], &["tv"]), Some(TokenError::Audience)),
        (&json!({}), options(&[], &["web"]), Some(TokenError::Audience)),
        (&heard, options(&[], &[]), None),
    ] {
        let found = verify_session_token(&token(more), &set(), &options, at(NOW));
        assert_eq!(found.err(), expected, "{more} {options:?}");
    }
}

#[test]
fn a_pending_session_is_none_unless_it_will_do() {
    let token = token(&json!({ "sts": "pending" }));
    assert_eq!(check(&token, NOW).err(), Some(TokenError::Pending));
    let options = VerifyOptions { accept_pending: true, ..VerifyOptions::default() };
    assert!(verify_session_token(&token, &set(), &options, at(NOW)).is_ok());
}

#[test]
fn forged_tokens_are_not_believed() {
    let good = token(&json!({}));
    let parts: Vec<&str> = good.split('.').collect();
    let claims = json!({ "sub": "user_2", "exp": NOW + 60 });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let none = part(&json!({ "alg": "none", "kid": "k1" }));
    let hmac = part(&json!({ "alg": "HS256", "kid": "k1" }));
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, PEM.as_bytes());
    let confused = format!("{hmac}.{}", part(&claims));
    let tag = URL_SAFE_NO_PAD.encode(ring::hmac::sign(&key, confused.as_bytes()));
    for (forged, expected) in [
        (format!("{}.{}.{}", parts[0], part(&claims), parts[2]), TokenError::Signature),
        (format!("{}.{}.", parts[0], parts[1]), TokenError::Signature),
        (format!("{none}.{}.", parts[1]), TokenError::Algorithm),
        (format!("{confused}.{tag}"), TokenError::Algorithm),
        (signed(&KEYS[1], &header(), &claims), TokenError::Signature),
        (
            signed(&KEYS[1], &json!({ "alg": "RS256", "kid": "k2" }), &claims),
            TokenError::UnknownKey,
        ),
        (signed(&KEYS[1], &json!({ "alg": "RS256" }), &claims), TokenError::UnknownKey),
        (signed(&KEYS[0], &header(), &json!({ "sub": "user_1" })), TokenError::Malformed),
        (signed(&KEYS[0], &header(), &json!({ "exp": NOW + 60 })), TokenError::Malformed),
        (token(&json!({ "exp": "never" })), TokenError::Malformed),
    ] {
        assert_eq!(check(&forged, NOW).err(), Some(expected), "{forged}");
    }
    for malformed in ["", "a", "a.b", "a.b.c", "..", "....", "é.é.é"] {
        assert_eq!(check(malformed, NOW).err(), Some(TokenError::Malformed), "{malformed}");
    }
}
