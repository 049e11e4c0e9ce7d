//! Identifiers: a prefix that names the resource, an underscore, a KSUID.
//!
//! A KSUID is twenty bytes, four of seconds since 1 400 000 000 (Unix) and
//! sixteen random ones, written as 27 base-62 digits. Ids therefore sort by the
//! second of their creation.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

const EPOCH_S: i64 = 1_400_000_000;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const LEN: usize = 27;

/// The kind of resource an id belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Prefix {
    /// A user.
    User,
    /// An identification: email address, phone number, wallet, passkey, …
    Identification,
    /// An external account.
    ExternalAccount,
    /// An organization.
    Organization,
    /// A session.
    Session,
    /// An instance.
    Instance,
    /// An image.
    Image,
    /// A secret key.
    SecretKey,
    /// An event of the outbox.
    Event,
    /// A snapshot of an instance.
    Snapshot,
    /// A mail.
    Email,
    /// A ceremony of a passkey.
    Ceremony,
    /// A membership of an organization.
    OrganizationMembership,
    /// An invitation to an organization.
    OrganizationInvitation,
    /// A role in organizations.
    Role,
    /// A permission of roles.
    Permission,
    /// A client: the browser or device that sessions live in.
    Client,
    /// An invitation to the application.
    Invitation,
    /// An entry of the waitlist.
    WaitlistEntry,
    /// A redirect URL.
    RedirectUrl,
    /// An identifier of the allow-list.
    AllowlistIdentifier,
    /// An identifier of the block-list.
    BlocklistIdentifier,
    /// A verification: a code that was sent.
    Verification,
    /// A text message.
    Sms,
    /// A domain of an instance.
    Domain,
    /// A template of session tokens.
    JwtTemplate,
    /// A sign-in token.
    SignInToken,
    /// An actor token.
    ActorToken,
    /// A key that signs session tokens; the kid is its id.
    SigningKey,
    /// An endpoint of webhooks.
    WebhookEndpoint,
    /// A secret that signs what an endpoint is told.
    WebhookSecret,
    /// An attempt to deliver a message.
    WebhookAttempt,
    /// A plan of billing.
    Plan,
    /// What plans are plans of.
    Product,
    /// A price of a plan.
    Price,
    /// A feature of plans.
    Feature,
    /// Who pays: a user or an organization.
    Payer,
    /// Who is paid.
    Payee,
    /// A subscription.
    Subscription,
    /// An item of a subscription.
    SubscriptionItem,
    /// A statement of a payer.
    Statement,
    /// A payment.
    Payment,
    /// An attempt at a payment.
    PaymentAttempt,
    /// A means of payment.
    PaymentMethod,
    /// An entry of the ledger of credits.
    CreditLedger,
    /// A bulk import.
    Import,
}

impl Prefix {
    /// The prefix as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Identification => "idn",
            Self::ExternalAccount => "eac",
            Self::Organization => "org",
            Self::Session => "sess",
            Self::Instance => "ins",
            Self::Image => "img",
            Self::SecretKey => "key",
            Self::Event => "evt",
            Self::Snapshot => "snap",
            Self::Email => "ema",
            Self::Ceremony => "cer",
            Self::OrganizationMembership => "orgmem",
            Self::OrganizationInvitation => "orginv",
            Self::Role => "role",
            Self::Permission => "perm",
            Self::Client => "client",
            Self::Invitation => "inv",
            Self::WaitlistEntry => "wle",
            Self::RedirectUrl => "ru",
            Self::AllowlistIdentifier => "alid",
            Self::BlocklistIdentifier => "blid",
            Self::Verification => "ver",
            Self::Sms => "sms",
            Self::Domain => "dmn",
            Self::JwtTemplate => "jtmp",
            Self::SignInToken => "sit",
            Self::ActorToken => "act",
            Self::SigningKey => "sgk",
            Self::WebhookEndpoint => "ep",
            Self::WebhookSecret => "whsk",
            Self::WebhookAttempt => "atmpt",
            Self::Plan => "cplan",
            Self::Product => "cprd",
            Self::Price => "cprice",
            Self::Feature => "feat",
            Self::Payer => "cpayer",
            Self::Payee => "cpayee",
            Self::Subscription => "csub",
            Self::SubscriptionItem => "csub_item",
            Self::Statement => "stmt",
            Self::Payment => "cpay",
            Self::PaymentAttempt => "cpa",
            Self::PaymentMethod => "cpm",
            Self::CreditLedger => "cled",
            Self::Import => "imp",
        }
    }
}

/// An id, such as `user_34OkW3rUlQGlAzCORHT4DHFLqcc`.
///
/// Text that a client sends is never checked for its form: an odd id is simply
/// one that no resource has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Id(String);

impl Id {
    /// A new id of a resource created at `now_ms`, with `random` as its entropy.
    pub fn new(prefix: Prefix, now_ms: i64, random: [u8; 16]) -> Self {
        let seconds = u32::try_from((now_ms.div_euclid(1000) - EPOCH_S).max(0)).unwrap_or(u32::MAX);
        let mut text = String::with_capacity(prefix.as_str().len() + 1 + LEN);
        text.push_str(prefix.as_str());
        text.push('_');
        text.push_str(&ksuid(seconds, u128::from_be_bytes(random)));
        Self(text)
    }

    /// The id of the one resource of another kind that goes with this one, such as a user's payer.
    #[must_use]
    pub fn sibling(&self, prefix: Prefix) -> Self {
        let tail = self.0.rsplit('_').next().unwrap_or_default();
        Self(format!("{}_{tail}", prefix.as_str()))
    }

    /// The id as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// 20 bytes in base 62, left-padded with `0` to 27 digits.
fn ksuid(seconds: u32, random: u128) -> String {
    // Five 32-bit limbs, divided by 62 once per digit.
    let mut limbs = [seconds; 5];
    for (limb, bytes) in limbs.iter_mut().skip(1).zip(random.to_be_bytes().chunks_exact(4)) {
        *limb = bytes.iter().fold(0, |limb, byte| limb << 8 | u32::from(*byte));
    }
    let mut digits = [b'0'; LEN];
    for digit in digits.iter_mut().rev() {
        let mut remainder = 0;
        for limb in &mut limbs {
            let value = remainder << 32 | u64::from(*limb);
            *limb = u32::try_from(value / 62).unwrap_or(u32::MAX);
            remainder = value % 62;
        }
        let index = usize::try_from(remainder).unwrap_or_default();
        *digit = DIGITS.get(index).copied().unwrap_or(b'0');
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for Id {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// The text cannot be an id of any resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidId;

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an id: empty, longer than 255 bytes, or with a control character")
    }
}

impl std::error::Error for InvalidId {}

impl FromStr for Id {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        if text.is_empty() || text.len() > 255 || text.chars().any(char::is_control) {
            return Err(InvalidId);
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_prefix_and_27_digits() {
        let id = Id::new(Prefix::User, 1_761_092_033_534, [0xab; 16]);
        assert_eq!(id.as_str().len(), "user_".len() + LEN);
        assert!(id.as_str().starts_with("user_34O"), "{id}");
    }

    #[test]
    fn the_bounds_match_the_published_ones() {
        assert_eq!(ksuid(0, 0), "000000000000000000000000000");
        assert_eq!(ksuid(u32::MAX, u128::MAX), "aWgEPTl1tmebfsQzFP4bxwgy80V");
    }

    #[test]
    fn ids_sort_by_the_second_of_their_creation() {
        let earlier = Id::new(Prefix::User, 1_761_092_033_000, [0xff; 16]);
        let later = Id::new(Prefix::User, 1_761_092_034_000, [0; 16]);
        assert!(earlier < later);
    }

    #[test]
    fn odd_text_is_an_id_that_nothing_has_and_controls_are_refused() {
        assert!("usr_1".parse::<Id>().is_ok());
        assert!("".parse::<Id>().is_err());
        assert!("user_\0".parse::<Id>().is_err());
    }
}
