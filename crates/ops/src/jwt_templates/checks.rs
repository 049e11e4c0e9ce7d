//! What a template may say.

use rollbook_domain::{JwtTemplate, Problem};
use rollbook_store::Vault;
use rollbook_store::jwt_templates::StoredTemplate;
use rollbook_tokens::{Algorithm, RESERVED_CLAIMS, Signer};
use rollbook_wire::{Code, Patch};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::GivenTemplate;
use crate::label;
use crate::users::Request;
use crate::{Error, Result, Tenant};

/// Seconds, when nobody says.
pub(super) const LIFETIME_S: i64 = 60;

/// Seconds, when nobody says.
pub(super) const CLOCK_SKEW_S: i64 = 5;

/// More than fits into a cookie is of no use; Clerk documents no limit.
const MAX_CLAIMS_BYTES: usize = 8192;

/// What was given, checked as far as it can be without the template.
#[derive(Clone)]
pub(super) struct Checked {
    pub(super) name: Option<String>,
    pub(super) claims: Option<Map<String, Value>>,
    pub(super) lifetime: Patch<i64>,
    pub(super) allowed_clock_skew: Patch<i64>,
    custom_signing_key: Option<bool>,
    signing_algorithm: Option<Algorithm>,
    signing_key: Option<Zeroizing<String>>,
}

/// Reads what was given; every problem is told at once.
pub(super) fn checked(request: Request<GivenTemplate>) -> Result<Checked> {
    let Request { params, mut problems } = request;
    let name = label::name(params.name.as_deref(), &mut problems);
    if let Some(claims) = &params.claims {
        check_claims(claims, &mut problems);
    }
    check_range("lifetime", &params.lifetime, 30, 315_360_000, &mut problems);
    check_range("allowed_clock_skew", &params.allowed_clock_skew, 0, 300, &mut problems);
    let signing_algorithm = params.signing_algorithm.as_deref().filter(|text| !text.is_empty());
    let algorithm = signing_algorithm.and_then(Algorithm::parse);
    if signing_algorithm.is_some() && algorithm.is_none() {
        let words = Algorithm::ALL.map(Algorithm::as_str).join(", ");
        problems.push(invalid("signing_algorithm", format!("must be one of {words}")));
    }
    if !problems.is_empty() {
        return Err(Error::Refused(problems));
    }
    Ok(Checked {
        name,
        claims: params.claims,
        lifetime: params.lifetime,
        allowed_clock_skew: params.allowed_clock_skew,
        custom_signing_key: params.custom_signing_key,
        signing_algorithm: algorithm,
        signing_key: params.signing_key.filter(|key| !key.is_empty()),
    })
}

impl Checked {
    /// Changes `stored` to what was given; the key of its own, if it has one, must fit its
    /// algorithm.
    pub(super) fn apply(&self, vault: &Vault, stored: &mut StoredTemplate) -> Result<()> {
        let template = &mut stored.template;
        if let Some(name) = &self.name {
            template.name.clone_from(name);
        }
        if let Some(claims) = &self.claims {
            template.claims.clone_from(claims);
        }
        set(&mut template.lifetime, &self.lifetime, LIFETIME_S);
        set(&mut template.allowed_clock_skew, &self.allowed_clock_skew, CLOCK_SKEW_S);
        self.apply_key(vault, stored)
    }

    fn apply_key(&self, vault: &Vault, stored: &mut StoredTemplate) -> Result<()> {
        let had = stored.template.signing_algorithm.as_deref().and_then(Algorithm::parse);
        if !self.custom_signing_key.unwrap_or(had.is_some()) {
            return self.forget_key(stored);
        }
        if self.custom_signing_key.is_none()
            && self.signing_algorithm.is_none()
            && self.signing_key.is_none()
        {
            return Ok(());
        }
        let old = match &self.signing_key {
            Some(_) => None,
            None => stored.open_key(vault)?.map(Zeroizing::new),
        };
        let given = self.signing_key.as_ref().map(|key| key.as_bytes());
        let key = given.or(old.as_ref().map(|key| key.as_slice()));
        let (Some(algorithm), Some(key)) = (self.signing_algorithm.or(had), key) else {
            return Err(Error::Refused(self.missing(had.is_some())));
        };
        let text = std::str::from_utf8(key).unwrap_or_default();
        if Signer::custom(algorithm, text).is_err() {
            let why = "must be a secret for HS256, HS384 and HS512, and a private key of 2048 to \
                4096 bits in PEM for RS256, RS384 and RS512";
            return Err(Error::refused(invalid("signing_key", why)));
        }
        stored.template.signing_algorithm = Some(algorithm.as_str().to_owned());
        if let Some(key) = given {
            stored.seal_key(vault, key)?;
        }
        Ok(())
    }

    /// The instance's key signs, always with the same algorithm.
    fn forget_key(&self, stored: &mut StoredTemplate) -> Result<()> {
        let mut problems = Vec::new();
        if self.signing_key.is_some() {
            problems.push(invalid("signing_key", "needs custom_signing_key to be true"));
        }
        if self.signing_algorithm.is_some_and(|algorithm| algorithm != Algorithm::RS256) {
            problems.push(invalid("signing_algorithm", "needs custom_signing_key to be true"));
        }
        if !problems.is_empty() {
            return Err(Error::Refused(problems));
        }
        stored.template.signing_algorithm = None;
        stored.signing_key = None;
        Ok(())
    }

    fn missing(&self, had: bool) -> Vec<Problem> {
        let given = [
            ("signing_algorithm", self.signing_algorithm.is_some() || had),
            ("signing_key", self.signing_key.is_some() || had),
        ];
        let missing = given.into_iter().filter(|(_, given)| !given);
        let problem = |(name, _)| {
            let text = format!("{name} must be included with custom_signing_key.");
            Problem::param(Code::FormParamMissing, name, text)
        };
        missing.map(problem).collect()
    }
}

/// Refuses to take away the template that session tokens are made with.
pub(super) fn not_of_sessions(tenant: &Tenant, template: &JwtTemplate) -> Result<()> {
    if tenant.instance.settings.sessions.token_template.as_ref() != Some(&template.name) {
        return Ok(());
    }
    let text =
        "Session tokens are made with this template; it keeps its name and cannot be deleted.";
    Err(Error::refused(Problem::new(Code::SessionTokenJwtTemplate, text)))
}

pub(super) fn name_taken(name: &str) -> Error {
    let text = format!("The instance has a JWT template named {name} already.");
    Error::refused(Problem::param(Code::DuplicateRecord, "name", text))
}

fn check_claims(claims: &Map<String, Value>, problems: &mut Vec<Problem>) {
    for name in RESERVED_CLAIMS.into_iter().filter(|name| claims.contains_key(*name)) {
        let text = format!("The claim {name} is every token's own and no template's.");
        problems.push(Problem::param(Code::JwtTemplateReservedClaim, "claims", text));
    }
    if serde_json::to_string(claims).map_or(0, |text| text.len()) > MAX_CLAIMS_BYTES {
        let text = format!("claims must have at most {MAX_CLAIMS_BYTES} bytes.");
        problems.push(Problem::param(Code::FormParamExceedsAllowedSize, "claims", text));
    }
}

fn check_range(name: &str, given: &Patch<i64>, least: i64, most: i64, problems: &mut Vec<Problem>) {
    if matches!(given, Patch::Set(seconds) if !(least..=most).contains(seconds)) {
        problems.push(invalid(name, format!("must lie between {least} and {most}")));
    }
}

fn set(seconds: &mut i64, given: &Patch<i64>, default: i64) {
    match given {
        Patch::Keep => {}
        Patch::Clear => *seconds = default,
        Patch::Set(given) => *seconds = *given,
    }
}

fn invalid(name: &str, why: impl std::fmt::Display) -> Problem {
    Problem::param(Code::FormParamValueInvalid, name, format!("{name} {why}."))
}
