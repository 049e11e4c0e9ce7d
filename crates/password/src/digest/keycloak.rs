//! A password credential of Keycloak, as its realm export and its admin API have it.
//!
//! One JSON object with `secretData` (`value` and `salt`, both in base64) and
//! `credentialData` (`hashIterations`, `algorithm`, `additionalParameters`), each
//! an object or, as Keycloak writes it, a string that holds one. Other fields are
//! passed over. Source: `PasswordCredentialData`, `PasswordSecretData` and the
//! hash providers of Keycloak.

use argon2::{Algorithm, Version};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    Argon, Form, InvalidDigest,
    pbkdf2::{Pbkdf2, Prf},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Credential {
    secret_data: Value,
    credential_data: Value,
}

#[derive(Deserialize)]
struct SecretData {
    value: String,
    salt: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CredentialData {
    hash_iterations: u32,
    algorithm: String,
    additional_parameters: Option<Parameters>,
}

/// Each is a list of one string.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Parameters {
    #[serde(rename = "type")]
    variant: Vec<String>,
    version: Vec<String>,
    memory: Vec<String>,
    parallelism: Vec<String>,
}

/// The digest in the credential `text`.
pub(super) fn parse(text: &str) -> Result<Form, InvalidDigest> {
    let shape = |_| {
        InvalidDigest::new(
            "the digest must be a JSON object with secretData {value, salt} and \
             credentialData {hashIterations, algorithm, additionalParameters}",
        )
    };
    let credential: Credential = serde_json::from_str(text).map_err(shape)?;
    let secret: SecretData = unfold(credential.secret_data).map_err(shape)?;
    let data: CredentialData = unfold(credential.credential_data).map_err(shape)?;
    let iterations = data.hash_iterations.to_string();
    let prf = match data.algorithm.as_str() {
        "pbkdf2" => Prf::Sha1,
        "pbkdf2-sha256" => Prf::Sha256,
        "pbkdf2-sha512" => Prf::Sha512,
        "argon2" => {
            return argon2(&data.additional_parameters.unwrap_or_default(), &iterations, &secret);
        }
        _ => {
            return Err(InvalidDigest::new(
                "the algorithm must be pbkdf2, pbkdf2-sha256, pbkdf2-sha512 or argon2",
            ));
        }
    };
    // Keycloak pads short passwords with NUL, as HMAC does by itself.
    Pbkdf2::of_parts(prf, &iterations, &secret.salt, &secret.value).map(Form::Pbkdf2)
}

fn argon2(of: &Parameters, passes: &str, secret: &SecretData) -> Result<Form, InvalidDigest> {
    let algorithm = match only(&of.variant) {
        "id" => Algorithm::Argon2id,
        "i" => Algorithm::Argon2i,
        "d" => Algorithm::Argon2d,
        _ => return Err(InvalidDigest::new("the type of argon2 must be id, i or d")),
    };
    let version = match only(&of.version) {
        "1.0" => Version::V0x10,
        "1.3" => Version::V0x13,
        _ => return Err(InvalidDigest::new("the version of argon2 must be 1.0 or 1.3")),
    };
    let params = (only(&of.memory), passes, only(&of.parallelism));
    Argon::of_parts((algorithm, version), params, &secret.salt, &secret.value).map(Form::Argon)
}

/// What `value` holds, in itself or in a string.
fn unfold<T: DeserializeOwned>(value: Value) -> serde_json::Result<T> {
    match value {
        Value::String(text) => serde_json::from_str(&text),
        value => serde_json::from_value(value),
    }
}

fn only(values: &[String]) -> &str {
    match values {
        [value] => value,
        _ => "",
    }
}
