//! Prove an email address or phone number by a code that is sent there.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rollbook_domain::{EmailAddress, Identifying, PhoneNumber, Problem, Proof, Settings, User};
use rollbook_store::{Conn, users, verifications};
use rollbook_wire::{Code, Id, Prefix};
use serde::{Deserialize, Serialize};
use serde_json::json;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::update::claimed;
use super::{not_found, owned};
use crate::users::{Outcome, Request, change_locked, hold, required};
use crate::{Ctx, Error, Result, Tenant, events};

/// How long a code is good for.
const LIFE_MS: i64 = 600_000;

/// How long what became of it can be asked for.
const KEPT_MS: i64 = 86_400_000;

/// Codes tried until a verification has failed.
const MAX_ATTEMPTS: i64 = 3;

/// The code of test addresses and fictional numbers, to which nothing is sent.
const TEST_CODE: &str = "424242";

/// A verification, as far as it has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// Its id.
    pub id: Id,
    /// What it proves.
    pub identification_id: Id,
    /// What has become of it.
    pub status: VerificationStatus,
    /// `email_code` or `phone_code`.
    pub strategy: String,
    /// Codes tried.
    pub attempts: i64,
    /// Milliseconds.
    pub expire_at: i64,
    /// How the code went out; phone numbers only.
    pub channel: Option<String>,
    /// The code, sealed, in base64.
    sealed: String,
}

/// What has become of a verification; as the API spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerificationStatus {
    /// Nothing yet.
    Unverified,
    /// The right code came in time.
    Verified,
    /// No right code came in time.
    Expired,
    /// Too many wrong ones came.
    Failed,
}

impl VerificationStatus {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unverified => "unverified",
            Self::Verified => "verified",
            Self::Expired => "expired",
            Self::Failed => "failed",
        }
    }
}

/// A code that came back; the names are those of the API.
#[derive(Default)]
#[expect(missing_docs, reason = "the API's parameters, documented in its contract")]
pub struct Attempt {
    pub verification_id: Option<String>,
    pub code: Option<Zeroizing<String>>,
}

/// Where codes can be sent.
pub trait Verifiable: Identifying {
    /// The strategy of such verifications.
    const STRATEGY: &'static str;
    /// How codes go out, if the API says so.
    const CHANNEL: Option<&'static str>;

    /// Whether this is for tests: nothing is sent there in test mode.
    fn is_fictional(&self) -> bool;

    /// Refuses an address that the instance sends nothing to.
    fn may_get_codes(&self, settings: &Settings) -> Result<()> {
        let _ = settings;
        Ok(())
    }

    /// Queues the message that brings the code, or hands it to whoever listens.
    fn send(&self, tx: &mut Conn<'_>, to: &Recipient<'_>, code: &str) -> Result<()>;
}

/// Whom a code is for.
pub struct Recipient<'a> {
    ctx: &'a Ctx,
    instance: &'a Id,
    user: &'a User,
    identification_id: &'a Id,
}

impl Verifiable for EmailAddress {
    const STRATEGY: &'static str = "email_code";
    const CHANNEL: Option<&'static str> = None;

    fn is_fictional(&self) -> bool {
        self.is_for_tests()
    }

    fn send(&self, tx: &mut Conn<'_>, to: &Recipient<'_>, code: &str) -> Result<()> {
        let message = json!({
            "slug": "verification_code",
            "to_email_address": self,
            "email_address_id": to.identification_id,
            "user_id": to.user.id,
            "data": { "otp_code": code },
        });
        events::email(to.ctx, tx, to.instance, &to.user.id, &message)
    }
}

impl Verifiable for PhoneNumber {
    const STRATEGY: &'static str = "phone_code";
    const CHANNEL: Option<&'static str> = Some("sms");

    fn is_fictional(&self) -> bool {
        self.is_for_tests()
    }

    fn may_get_codes(&self, settings: &Settings) -> Result<()> {
        let blocked = &settings.communication.blocked_country_codes;
        let country = self.country().filter(|country| blocked.iter().any(|one| one == country));
        let Some(country) = country else { return Ok(()) };
        let text = format!("Codes are not sent to phone numbers of the country {country}.");
        Err(Error::refused(Problem::new(Code::UnsupportedCountryCode, text)))
    }

    /// No gateway is ours: whoever listens to `sms.created` delivers.
    fn send(&self, tx: &mut Conn<'_>, to: &Recipient<'_>, code: &str) -> Result<()> {
        let id = to.ctx.entropy.id(Prefix::Sms, to.ctx.clock.now());
        let data = json!({
            "object": "sms_message",
            "id": id,
            "slug": "verification_code",
            "from_phone_number": "",
            "to_phone_number": self,
            "phone_number_id": to.identification_id,
            "user_id": to.user.id,
            "message": format!("{code} is your verification code."),
            "status": "queued",
            "data": { "otp_code": code },
            "delivered_by_clerk": false,
        });
        events::happened(to.ctx, tx, to.instance, "sms.created", &to.user.id, &id, &data)
    }
}

/// Sends a code to the address; earlier ones stay good until they run out.
pub async fn prepare<T: Verifiable>(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Result<Verification> {
    let (ctx_, instance, id_) = (ctx.clone(), tenant.instance.id.clone(), id.clone());
    let settings = tenant.instance.settings.clone();
    let drawn = format!("{:06}", u64::from_le_bytes(ctx.entropy.bytes()) % 1_000_000);
    let verification_id = ctx.entropy.id(Prefix::Verification, ctx.clock.now());
    ctx.db
        .write(move |tx| {
            let ctx = &ctx_;
            let owned = lock_owner::<T>(tx, &instance, &id_)?;
            let (user, value) = (&owned.user, &owned.identified.value);
            let sends = !(settings.test_mode && value.is_fictional());
            if sends {
                value.may_get_codes(&settings)?;
            }
            let code = if sends { drawn.as_str() } else { TEST_CODE };
            let now = ctx.clock.now();
            let verification = Verification {
                id: verification_id.clone(),
                identification_id: id_.clone(),
                status: VerificationStatus::Unverified,
                strategy: T::STRATEGY.to_owned(),
                attempts: 0,
                expire_at: now + LIFE_MS,
                channel: T::CHANNEL.map(ToOwned::to_owned),
                sealed: STANDARD.encode(ctx.vault.seal(
                    &verifications::context(instance.as_str(), verification_id.as_str()),
                    code.as_bytes(),
                )?),
            };
            let row = verifications::Verification {
                id: verification_id.clone(),
                user_id: user.id.clone(),
                record: write(&verification)?,
                expires_at: verification.expire_at + KEPT_MS,
            };
            verifications::insert(tx, &instance, &row, now)?;
            if sends {
                let to = Recipient { ctx, instance: &instance, user, identification_id: &id_ };
                value.send(tx, &to, code)?;
            }
            Ok(verification)
        })
        .await
}

/// Tries a code; a wrong or late one shows in the status and is no error.
///
/// The right one also marks the address as verified.
pub async fn attempt<T: Verifiable>(
    ctx: &Ctx,
    tenant: &Tenant,
    id: &Id,
    request: Request<Attempt>,
) -> Result<Verification> {
    let Request { params, mut problems } = request;
    let wanted = required(params.verification_id, "verification_id", &mut problems);
    let code = params.code;
    if code.is_none() {
        let text = "code must be given.";
        problems.push(Problem::param(Code::FormParamMissing, "code", text));
    }
    let (Some(wanted), Some(code), true) = (wanted, code, problems.is_empty()) else {
        return Err(Error::Refused(problems));
    };
    let unknown = {
        let wanted = wanted.clone();
        move || Error::not_found("verification", &wanted)
    };
    let wanted: Id = wanted.parse().map_err(|_| unknown())?;
    let (ctx_, instance, id) = (ctx.clone(), tenant.instance.id.clone(), id.clone());
    let tried = ctx.db.write(move |tx| {
        let owned = lock_owner::<T>(tx, &instance, &id)?;
        let record = verifications::lock(tx, &instance, &owned.user.id, &wanted)?;
        let mut verification = read(&record.ok_or_else(&unknown)?)?;
        if verification.identification_id != id {
            return Err(unknown());
        }
        try_code(&ctx_, &instance, &mut verification, &code)?;
        verifications::save(tx, &instance, &wanted, &write(&verification)?)?;
        if verification.status == VerificationStatus::Verified && !owned.identified.is_verified() {
            // Held already; the lock answers the whole row.
            let stored = users::lock(tx, &instance, &owned.user.id)?;
            let stored = stored.ok_or_else(|| not_found::<T>(&id))?;
            change_locked(&ctx_, tx, &instance, stored, |_, user| {
                let now = ctx_.clock.now();
                let one = T::of_mut(user).0.iter_mut().find(|one| one.id == id);
                let one = one.ok_or_else(|| not_found::<T>(&id))?;
                (one.proof, one.updated_at) = (Proof::Code, now);
                Ok(Outcome::Changed)
            })?;
        }
        Ok(verification)
    });
    tried.await.map_err(claimed::<T>)
}

/// Compares the code unless it is too late or was tried too often.
fn try_code(ctx: &Ctx, instance: &Id, of: &mut Verification, code: &str) -> Result<()> {
    if of.status == VerificationStatus::Verified {
        let text = "The code of this verification was accepted already.";
        return Err(Error::refused(Problem::new(Code::VerificationAlreadyVerified, text)));
    }
    if of.status == VerificationStatus::Unverified && of.expire_at <= ctx.clock.now() {
        of.status = VerificationStatus::Expired;
    }
    if of.status != VerificationStatus::Unverified {
        return Ok(());
    }
    of.attempts += 1;
    let sealed = STANDARD.decode(&of.sealed);
    let sealed = sealed.map_err(|source| Error::internal("read a sealed code", source))?;
    let right =
        ctx.vault.open(&verifications::context(instance.as_str(), of.id.as_str()), &sealed)?;
    if right.ct_eq(code.as_bytes()).into() {
        of.status = VerificationStatus::Verified;
    } else if of.attempts >= MAX_ATTEMPTS {
        of.status = VerificationStatus::Failed;
    }
    Ok(())
}

fn lock_owner<T: Identifying>(
    tx: &mut Conn<'_>,
    instance: &Id,
    id: &Id,
) -> Result<super::Owned<T>> {
    hold(tx, instance)?;
    let owner = users::owner_in(tx, instance, id)?.ok_or_else(|| not_found::<T>(id))?;
    let stored = users::lock(tx, instance, &owner)?;
    owned(stored.ok_or_else(|| not_found::<T>(id))?, id)
}

fn write(verification: &Verification) -> Result<String> {
    serde_json::to_string(verification).map_err(|e| Error::internal("write a verification", e))
}

fn read(record: &str) -> Result<Verification> {
    serde_json::from_str(record).map_err(|e| Error::internal("read a verification", e))
}
