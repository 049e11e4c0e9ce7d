//! The secrets that a creation or an update brings: checked, hashed, stored.

use rollbook_domain::{PasswordHasher, Problem, TotpSecret, check_hashable};
use rollbook_password::{
    self as password, Digest, Hasher, NativeScheme, Password, Scratch, strength,
};
use rollbook_store::credentials::{self, Kind, NewCredential, Owner};
use rollbook_store::{Conn, Vault};
use rollbook_wire::Code;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{Ctx, Error, Result, Tenant};

/// The parameter that a plain password comes in.
const PASSWORD: &str = "password";

/// How many backup codes a user may have, and how long one may be.
const MAX_CODES: usize = 100;
const MAX_CODE_LENGTH: usize = 256;

/// The greatest cost of an imported code: each attempt is held against all codes.
const MAX_CODE_COST: u32 = 12;

/// Secrets as a caller gives them.
#[derive(Default)]
pub struct SecretParams {
    /// `password`
    pub password: Option<Zeroizing<String>>,
    /// `password_digest`
    pub password_digest: Option<Zeroizing<String>>,
    /// `password_hasher`
    pub password_hasher: Option<String>,
    /// `skip_password_checks`
    pub skip_password_checks: bool,
    /// `totp_secret`
    pub totp_secret: Option<Zeroizing<String>>,
    /// `backup_codes`; an empty list removes the codes.
    pub backup_codes: Option<Vec<Zeroizing<String>>>,
}

/// Secrets that passed every check.
#[derive(Default)]
pub(crate) struct Secrets {
    pub(super) password: Option<NewPassword>,
    pub(super) totp: Option<TotpSecret>,
    pub(super) backup_codes: Option<Vec<Zeroizing<String>>>,
}

pub(super) enum NewPassword {
    Plain(Password),
    Imported(Digest),
}

/// Secrets ready to be written.
#[derive(Default)]
pub(crate) struct Stored {
    pub(super) password: Option<Vec<u8>>,
    pub(super) totp: Option<Vec<u8>>,
    pub(super) backup_codes: Option<Vec<Vec<u8>>>,
}

impl Secrets {
    /// Checks `params`, adding to `problems`; `identifiers` are what the password may not equal.
    pub(crate) async fn check(
        ctx: &Ctx,
        tenant: &Tenant,
        params: SecretParams,
        identifiers: &[&str],
        problems: &mut Vec<Problem>,
    ) -> Result<Self> {
        let totp = check_totp(&params, problems);
        let backup_codes = check_backup_codes(&params, problems);
        let password = match check_password(params, problems) {
            Some(Given::Plain { password, skip_checks }) => {
                let rules = Rules { ctx, tenant, identifiers, skip_checks };
                let found = rules.check(&password).await?;
                let good = found.is_empty();
                problems.extend(found);
                good.then_some(NewPassword::Plain(password))
            }
            Some(Given::Imported(digest)) => Some(NewPassword::Imported(digest)),
            None => None,
        };
        Ok(Self { password, totp, backup_codes })
    }

    /// Whether there is a password that has to be hashed.
    pub(crate) fn is_plain(&self) -> bool {
        matches!(self.password, Some(NewPassword::Plain(_)))
    }

    /// Hashes what has to be hashed, on the pool made for it.
    pub(crate) async fn hash(&self, ctx: &Ctx, tenant: &Tenant) -> Result<Stored> {
        let password = match &self.password {
            None => None,
            Some(NewPassword::Imported(digest)) => Some(digest.clone()),
            Some(NewPassword::Plain(plain)) => {
                let salt = ctx.entropy.bytes();
                Some(ctx.passwords.hash(plain.clone(), scheme(tenant), salt).await?)
            }
        };
        let backup_codes = self
            .backup_codes
            .as_ref()
            .map(|codes| codes.iter().map(|code| backup_code(code, ctx.entropy.bytes())).collect());
        Ok(Stored {
            password: password.map(|d| credentials::password_secret(d.hasher().name(), d.as_str())),
            totp: self.totp.as_ref().map(|totp| totp.as_bytes().to_vec()),
            backup_codes,
        })
    }
}

impl Stored {
    /// Writes what there is to write.
    pub(super) fn write(&self, tx: &mut Conn<'_>, vault: &Vault, owner: Owner<'_>) -> Result<()> {
        let mut replace =
            |kind, secrets: &[Vec<u8>]| credentials::replace(tx, vault, owner, kind, secrets);
        if let Some(password) = &self.password {
            replace(Kind::Password, std::slice::from_ref(password))?;
        }
        if let Some(totp) = &self.totp {
            replace(Kind::Totp, std::slice::from_ref(totp))?;
        }
        if let Some(codes) = &self.backup_codes {
            replace(Kind::BackupCode, codes)?;
        }
        Ok(())
    }

    /// The same for a user that has no secrets yet, to be written with those of others.
    pub(crate) fn credentials(
        &self,
        vault: &Vault,
        owner: Owner<'_>,
    ) -> Result<Vec<NewCredential>> {
        let one = [(Kind::Password, &self.password), (Kind::Totp, &self.totp)];
        let one = one.into_iter().filter_map(|(kind, secret)| Some((kind, 0, secret.as_ref()?)));
        let codes = (0..).zip(self.backup_codes.iter().flatten());
        one.chain(codes.map(|(ordinal, code)| (Kind::BackupCode, ordinal, code)))
            .map(|(kind, ordinal, secret)| {
                Ok(NewCredential::new(vault, owner, kind, (ordinal, secret))?)
            })
            .collect()
    }

    /// Whether nothing is stored; that codes are removed shows in the record.
    pub(super) fn is_empty(&self) -> bool {
        let codes = self.backup_codes.as_ref().is_none_or(Vec::is_empty);
        self.password.is_none() && self.totp.is_none() && codes
    }
}

/// How the instance wants passwords hashed.
pub(super) fn scheme(tenant: &Tenant) -> NativeScheme {
    match tenant.instance.settings.password_settings.hasher {
        PasswordHasher::Argon2id => NativeScheme::Argon2id,
        PasswordHasher::Bcrypt => NativeScheme::Bcrypt,
    }
}

/// A password as it was given, of the right form.
enum Given {
    Plain { password: Password, skip_checks: bool },
    Imported(Digest),
}

/// What a plain password has to satisfy.
struct Rules<'a> {
    ctx: &'a Ctx,
    tenant: &'a Tenant,
    /// What the password may not equal, and zxcvbn should know.
    identifiers: &'a [&'a str],
    skip_checks: bool,
}

impl Rules<'_> {
    /// Everything that is wrong with a password.
    async fn check(&self, password: &Password) -> Result<Vec<Problem>> {
        let limit = Some(scheme(self.tenant).max_password_bytes());
        let text = password.as_str();
        if self.skip_checks {
            return Ok(check_hashable(text, limit, PASSWORD));
        }
        let rules = &self.tenant.instance.settings.password_settings;
        let breached = !rules.disable_hibp && self.ctx.breaches.is_breached(text).await?;
        let mut found = rules.check(text, self.identifiers, |_| breached, limit, PASSWORD);
        if rules.min_zxcvbn_strength > 0 {
            found.extend(self.weakness(password, rules.min_zxcvbn_strength).await?);
        }
        Ok(found)
    }

    async fn weakness(&self, password: &Password, least: u8) -> Result<Option<Problem>> {
        let inputs: Vec<String> = self.identifiers.iter().map(ToString::to_string).collect();
        let password = password.clone();
        let strength = self
            .ctx
            .passwords
            .run(move |_| {
                let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
                strength(password.as_str(), &inputs)
            })
            .await?;
        if strength.score >= least {
            return Ok(None);
        }
        let advice = strength.warning.into_iter().chain(strength.suggestions);
        let suggestions: Vec<_> = advice
            .map(|advice| json!({ "code": advice.code, "message": advice.message }))
            .collect();
        let problem = Problem::param(
            Code::FormPasswordNotStrongEnough,
            PASSWORD,
            "password is too easy to guess.",
        );
        Ok(Some(problem.with("zxcvbn", json!({ "suggestions": suggestions }))))
    }
}

fn check_password(params: SecretParams, problems: &mut Vec<Problem>) -> Option<Given> {
    let hasher = params.password_hasher.as_deref().map(Hasher::from_name);
    if let (Some(None), Some(name)) = (hasher, &params.password_hasher) {
        problems.push(Problem::param(
            Code::FormParamValueInvalid,
            "password_hasher",
            if name == "awscognito" {
                "password_hasher awscognito is not a digest: it needs Cognito itself to verify."
                    .to_owned()
            } else {
                "password_hasher is not the name of a supported hasher.".to_owned()
            },
        ));
    }
    match (params.password, params.password_digest, hasher) {
        (Some(_), Some(_), _) => {
            problems.push(Problem::param(
                Code::FormConditionalParamDisallowed,
                "password_digest",
                "password_digest cannot be given together with password.",
            ));
            None
        }
        (_, Some(_), None) => {
            problems.push(Problem::param(
                Code::FormConditionalParamMissing,
                "password_hasher",
                "password_hasher must be given together with password_digest.",
            ));
            None
        }
        (_, None, Some(_)) => {
            problems.push(Problem::param(
                Code::FormConditionalParamMissing,
                "password_digest",
                "password_digest must be given together with password_hasher.",
            ));
            None
        }
        (None, Some(digest), Some(hasher)) => match Digest::parse(hasher?, &digest) {
            Ok(digest) => Some(Given::Imported(digest)),
            Err(invalid) => {
                problems.push(Problem::param(
                    Code::FormPasswordDigestInvalidCode,
                    "password_digest",
                    format!("password_digest is not valid for its hasher: {}.", invalid.reason()),
                ));
                None
            }
        },
        (Some(mut plain), None, None) => Some(Given::Plain {
            password: Password::new(std::mem::take(&mut *plain)),
            skip_checks: params.skip_password_checks,
        }),
        (None, None, None) => None,
    }
}

fn check_totp(params: &SecretParams, problems: &mut Vec<Problem>) -> Option<TotpSecret> {
    let text = params.totp_secret.as_ref()?;
    match TotpSecret::parse(text, "totp_secret") {
        Ok(secret) => Some(secret),
        Err(problem) => {
            problems.push(problem);
            None
        }
    }
}

fn check_backup_codes(
    params: &SecretParams,
    problems: &mut Vec<Problem>,
) -> Option<Vec<Zeroizing<String>>> {
    let codes = params.backup_codes.as_ref()?;
    let mut refuse = |code, why: String| {
        problems.push(Problem::param(code, "backup_codes", format!("backup_codes {why}.")));
    };
    if codes.len() > MAX_CODES {
        refuse(
            Code::FormParamArraySizeExceeded,
            format!("must not have more than {MAX_CODES} values"),
        );
        return None;
    }
    if codes.iter().any(|code| code.is_empty() || code.len() > MAX_CODE_LENGTH) {
        refuse(Code::FormParamValueInvalid, format!("must each have 1 to {MAX_CODE_LENGTH} bytes"));
    }
    if codes.iter().any(|code| is_digest(code) && Digest::parse(Hasher::Bcrypt, code).is_err()) {
        refuse(Code::FormParamValueInvalid, "hold a malformed bcrypt digest".to_owned());
    }
    if codes.iter().any(|code| is_digest(code) && bcrypt_cost(code) > MAX_CODE_COST) {
        refuse(
            Code::FormParamValueInvalid,
            format!("hold a bcrypt digest of a cost above {MAX_CODE_COST}"),
        );
    }
    let mut seen = std::collections::HashSet::new();
    if !codes.iter().all(|code| seen.insert(code.as_str())) {
        refuse(Code::FormParamDuplicate, "must not hold a code twice".to_owned());
    }
    Some(codes.clone())
}

/// The two digits behind the version: `$2b$10$…`.
fn bcrypt_cost(digest: &str) -> u32 {
    let cost = digest.split('$').nth(2).and_then(|digits| digits.parse().ok());
    cost.unwrap_or(u32::MAX)
}

/// What looks like a bcrypt digest is one.
fn is_digest(code: &str) -> bool {
    code.starts_with("$2") && code.len() == 60
}

/// A digest of a backup code: a bcrypt digest as it came, else salted SHA-256.
///
/// A fast hash, because the row is sealed with the data key: without it there
/// is nothing to try codes against.
fn backup_code(code: &str, salt: [u8; 16]) -> Vec<u8> {
    if is_digest(code) {
        return code.as_bytes().to_vec();
    }
    let hash = Sha256::new().chain_update(salt).chain_update(code.as_bytes()).finalize();
    let mut stored = b"sha256:".to_vec();
    stored.extend_from_slice(&salt);
    stored.extend_from_slice(&hash);
    stored
}

/// Whether `code` is the one that `stored` was made from; see [`backup_code`].
pub(super) fn matches_backup_code(stored: &[u8], code: &str, scratch: &mut Scratch) -> bool {
    if let Some(rest) = stored.strip_prefix(b"sha256:")
        && let Some((salt, hash)) = rest.split_first_chunk::<16>()
    {
        let again = Sha256::new().chain_update(salt).chain_update(code.as_bytes()).finalize();
        return again.as_slice().ct_eq(hash).into();
    }
    let digest = std::str::from_utf8(stored).ok();
    let digest = digest.and_then(|text| Digest::parse(Hasher::Bcrypt, text).ok());
    digest.is_some_and(|digest| digest.verify(&Password::from(code), scratch))
}

impl From<password::PoolError> for Error {
    fn from(error: password::PoolError) -> Self {
        match error {
            password::PoolError::Busy(busy) => Self::Busy { retry_after_s: busy.retry_after_s },
            password::PoolError::Failed => Self::internal("hash a password", error),
        }
    }
}

impl From<password::HashError> for Error {
    fn from(error: password::HashError) -> Self {
        match error {
            password::HashError::Pool(error) => error.into(),
            // The policy has seen to the length.
            password::HashError::PasswordTooLong(_) => Self::internal("hash a password", error),
        }
    }
}
