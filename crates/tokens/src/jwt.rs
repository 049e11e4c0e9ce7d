//! The compact form of a signed token (RFC 7515, 7519): written, and read with suspicion.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Error, PublicKey, Rejected, Result, Signer};

/// The claims of a token.
pub type Claims = Map<String, Value>;

/// What a token is for, which its header says as `cat`; none passes for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// Proves a session.
    Session,
    /// Made by a template.
    Template,
    /// Leads to a session, once.
    Ticket,
    /// Names a client.
    Client,
}

impl Category {
    const fn as_str(self) -> &'static str {
        match self {
            // As Clerk spells them.
            Self::Session => "cl_B7d4PD111AAA",
            Self::Template => "cl_B7d4PD222AAA",
            Self::Ticket => "rb_ticket",
            Self::Client => "rb_client",
        }
    }
}

#[derive(Serialize)]
struct Header<'a> {
    alg: &'a str,
    cat: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
    typ: &'a str,
}

/// Signs `claims`; `kid` names the key for whoever verifies.
pub fn sign(
    signer: &Signer<'_>,
    kid: Option<&str>,
    category: Category,
    claims: &Claims,
) -> Result<String> {
    let header =
        Header { alg: signer.algorithm().as_str(), cat: category.as_str(), kid, typ: "JWT" };
    let mut token = String::new();
    encode(&header, &mut token)?;
    token.push('.');
    encode(claims, &mut token)?;
    let signature = signer.sign(token.as_bytes())?;
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    Ok(token)
}

fn encode(value: &impl Serialize, into: &mut String) -> Result<()> {
    let json = serde_json::to_vec(value).map_err(|_| Error::Encode)?;
    URL_SAFE_NO_PAD.encode_string(json, into);
    Ok(())
}

/// The claims of a token that one of our keys has signed with RS256, and whose time it is.
///
/// `key` finds the public key of a `kid`. Of `alg` nothing but RS256 counts, so that
/// neither "none" nor a public key taken for an HMAC secret gets through (RFC 8725, 3.1).
/// `now` is in seconds; `leeway` is how far both ends are stretched.
pub fn verify(
    token: &str,
    category: Category,
    key: impl FnOnce(&str) -> Option<PublicKey>,
    now: i64,
    leeway: i64,
) -> Result<Claims, Rejected> {
    #[derive(Deserialize)]
    struct Head {
        alg: String,
        cat: String,
        kid: String,
    }

    let (message, signature) = token.rsplit_once('.').ok_or(Rejected::Malformed)?;
    let (header, payload) = message.split_once('.').ok_or(Rejected::Malformed)?;
    let head: Head = serde_json::from_slice(&decode(header)?).map_err(|_| Rejected::Malformed)?;
    if head.alg != "RS256" || head.cat != category.as_str() {
        return Err(Rejected::Signature);
    }
    let (n, e) = key(&head.kid).and_then(|key| key.components()).ok_or(Rejected::Signature)?;
    RsaPublicKeyComponents { n, e }
        .verify(&RSA_PKCS1_2048_8192_SHA256, message.as_bytes(), &decode(signature)?)
        .map_err(|_| Rejected::Signature)?;
    let claims: Claims =
        serde_json::from_slice(&decode(payload)?).map_err(|_| Rejected::Malformed)?;
    let time = |name: &str| claims.get(name).and_then(Value::as_i64);
    match (time("exp"), time("nbf")) {
        // A token of ours always ends.
        (None, _) => Err(Rejected::Malformed),
        (Some(exp), _) if now >= exp.saturating_add(leeway) => Err(Rejected::Expired),
        (_, Some(nbf)) if now < nbf.saturating_sub(leeway) => Err(Rejected::NotYetValid),
        (Some(_), _) => Ok(claims),
    }
}

fn decode(part: &str) -> Result<Vec<u8>, Rejected> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Rejected::Malformed)
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{Algorithm, PrivateKey};

    static KEY: LazyLock<PrivateKey> = LazyLock::new(|| key(7));

    fn key(seed: u8) -> PrivateKey {
        PrivateKey::from_pkcs8(&PrivateKey::generate([seed; 32]).unwrap()).unwrap()
    }

    fn claims(value: Value) -> Claims {
        let Value::Object(claims) = value else { panic!("claims are an object") };
        claims
    }

    fn token(value: Value) -> String {
        sign(&Signer::own(&KEY), Some("k1"), Category::Session, &claims(value)).unwrap()
    }

    fn check(token: &str, now: i64) -> Result<Claims, Rejected> {
        verify(token, Category::Session, |kid| (kid == "k1").then(|| KEY.public()), now, 5)
    }

    #[test]
    fn what_was_signed_is_read_back_while_its_time_lasts() {
        let token = token(json!({ "sub": "user_1", "nbf": 100, "exp": 160 }));
        assert_eq!(check(&token, 120).unwrap()["sub"], "user_1");
        assert_eq!(check(&token, 95).unwrap()["exp"], 160);
        assert_eq!(check(&token, 94), Err(Rejected::NotYetValid));
        assert!(check(&token, 164).is_ok());
        assert_eq!(check(&token, 165), Err(Rejected::Expired));
    }

    #[test]
    fn the_header_names_key_category_and_type() {
        let token = token(json!({ "exp": 1 }));
        let header = decode(token.split('.').next().unwrap()).unwrap();
        let header: Value = serde_json::from_slice(&header).unwrap();
        let expected =
            json!({ "alg": "RS256", "cat": "cl_B7d4PD111AAA", "kid": "k1", "typ": "JWT" });
        assert_eq!(header, expected);
    }

    #[test]
    fn forged_tokens_are_rejected() {
        let good = token(json!({ "sub": "user_1", "exp": 160 }));
        let parts: Vec<&str> = good.split('.').collect();
        let b64 = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let stranger = key(8);
        let payload = b64(json!({ "sub": "user_2", "exp": 160 }));
        let cat = Category::Session.as_str();
        let none = b64(json!({ "alg": "none", "cat": cat, "kid": "k1" }));
        let unknown = b64(json!({ "alg": "RS256", "cat": cat, "kid": "k2" }));
        let ticket = claims(json!({ "sub": "user_1", "exp": 160 }));
        let ticket = sign(&Signer::own(&KEY), Some("k1"), Category::Ticket, &ticket).unwrap();
        // The public key as an HMAC secret: a confusion of algorithms.
        let hmac = Signer::custom(Algorithm::HS256, &KEY.public().pem().unwrap()).unwrap();
        let of = |signer: &Signer<'_>| {
            let claims = claims(json!({ "sub": "user_2", "exp": 160 }));
            sign(signer, Some("k1"), Category::Session, &claims).unwrap()
        };
        for forged in [
            format!("{}.{payload}.{}", parts[0], parts[2]),
            format!("{none}.{}.", parts[1]),
            format!("{none}.{payload}.{}", parts[2]),
            format!("{unknown}.{}.{}", parts[1], parts[2]),
            of(&Signer::own(&stranger)),
            of(&hmac),
            ticket,
        ] {
            assert_eq!(check(&forged, 120), Err(Rejected::Signature), "{forged}");
        }
        for malformed in ["", "a", "a.b", "a.b.c", "..", &format!("{}.", parts[0])] {
            assert_eq!(check(malformed, 120), Err(Rejected::Malformed), "{malformed}");
        }
        assert_eq!(check(&token(json!({ "sub": "user_1" })), 1), Err(Rejected::Malformed));
    }

    #[test]
    fn keys_of_a_template_sign_with_every_algorithm() {
        let pem = {
            use rsa::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, LineEnding};
            let der = PrivateKey::generate([3; 32]).unwrap();
            let key = rsa::RsaPrivateKey::from_pkcs8_der(&der).unwrap();
            key.to_pkcs8_pem(LineEnding::LF).unwrap()
        };
        for algorithm in Algorithm::ALL {
            let key = if algorithm.as_str().starts_with('R') { pem.as_str() } else { "secret" };
            let signer = Signer::custom(algorithm, key).unwrap();
            let token = sign(&signer, None, Category::Template, &Claims::new()).unwrap();
            assert_eq!(token.split('.').count(), 3, "{}", algorithm.as_str());
        }
        assert!(Signer::custom(Algorithm::RS256, "secret").is_err());
        assert!(Signer::custom(Algorithm::HS256, "").is_err());
    }

    proptest! {
        #[test]
        fn no_text_is_taken_for_a_token(text in "[A-Za-z0-9_.-]{0,200}") {
            prop_assert!(check(&text, 0).is_err());
        }
    }
}
