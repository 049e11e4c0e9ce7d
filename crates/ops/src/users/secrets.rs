//! The secrets that a creation or an update brings: checked, hashed, stored.

use rollbook_domain::{PasswordHasher, Problem, TotpSecret};
use rollbook_password::{self as password, Digest, Hasher, NativeScheme, Password, Scratch};
use rollbook_store::credentials::{self, Kind, Owner};
use rollbook_store::{Conn, Vault};
use rollbook_wire::Code;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{Ctx, Error, Result, Tenant};

/// How many backup codes a user may have, and how long one may be.
const MAX_CODES: usize = 100;
const MAX_CODE_LENGTH: usize = 256;

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
pub(super) struct Secrets {
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
pub(super) struct Stored {
    pub(super) password: Option<Vec<u8>>,
    pub(super) totp: Option<Vec<u8>>,
    pub(super) backup_codes: Option<Vec<Vec<u8>>>,
}

impl Secrets {
    /// Checks `params`, adding to `problems`; `identifiers` are what the password may not equal.
    pub(super) fn check(
        tenant: &Tenant,
        params: SecretParams,
        identifiers: &[&str],
        problems: &mut Vec<Problem>,
    ) -> Self {
        Self {
            totp: check_totp(&params, problems),
            backup_codes: check_backup_codes(&params, problems),
            password: check_password(tenant, params, identifiers, problems),
        }
    }

    /// Hashes what has to be hashed, on the pool made for it.
    pub(super) async fn hash(self, ctx: &Ctx, tenant: &Tenant) -> Result<Stored> {
        let password = match self.password {
            None => None,
            Some(NewPassword::Imported(digest)) => Some(digest),
            Some(NewPassword::Plain(plain)) => {
                let salt = ctx.entropy.bytes();
                Some(ctx.passwords.hash(plain, scheme(tenant), salt).await?)
            }
        };
        let backup_codes = self
            .backup_codes
            .map(|codes| codes.iter().map(|code| backup_code(code, ctx.entropy.bytes())).collect());
        Ok(Stored {
            password: password.map(|d| credentials::password_secret(d.hasher().name(), d.as_str())),
            totp: self.totp.map(|totp| totp.as_bytes().to_vec()),
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

    pub(super) fn is_empty(&self) -> bool {
        self.password.is_none() && self.totp.is_none() && self.backup_codes.is_none()
    }
}

/// How the instance wants passwords hashed.
pub(super) fn scheme(tenant: &Tenant) -> NativeScheme {
    match tenant.instance.settings.password_settings.hasher {
        PasswordHasher::Argon2id => NativeScheme::Argon2id,
        PasswordHasher::Bcrypt => NativeScheme::Bcrypt,
    }
}

fn check_password(
    tenant: &Tenant,
    params: SecretParams,
    identifiers: &[&str],
    problems: &mut Vec<Problem>,
) -> Option<NewPassword> {
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
            Ok(digest) => Some(NewPassword::Imported(digest)),
            Err(invalid) => {
                problems.push(Problem::param(
                    Code::FormPasswordDigestInvalidCode,
                    "password_digest",
                    format!("password_digest is not valid for its hasher: {}.", invalid.reason()),
                ));
                None
            }
        },
        (Some(mut plain), None, None) => {
            let plain = Password::new(std::mem::take(&mut *plain));
            let limit = Some(scheme(tenant).max_password_bytes());
            let found = if params.skip_password_checks {
                rollbook_domain::check_hashable(plain.as_str(), limit, "password")
            } else {
                let rules = &tenant.instance.settings.password_settings;
                rules.check(
                    plain.as_str(),
                    identifiers,
                    rollbook_breaches::is_common,
                    limit,
                    "password",
                )
            };
            let good = found.is_empty();
            problems.extend(found);
            good.then_some(NewPassword::Plain(plain))
        }
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
    let mut seen = std::collections::HashSet::new();
    if !codes.iter().all(|code| seen.insert(code.as_str())) {
        refuse(Code::FormParamDuplicate, "must not hold a code twice".to_owned());
    }
    Some(codes.clone())
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
