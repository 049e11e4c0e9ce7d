//! What leads to a user: email addresses, phone numbers and wallets, each with its proof.

use rollbook_wire::Id;
use serde::{Deserialize, Serialize};

use crate::{
    Attribute, Attributes, EmailAddress, Identifier, Newcomer, PhoneNumber, Problem, User,
    Web3Wallet,
};

/// A value that leads to a user, with its proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identified<T> {
    /// `idn_…`
    pub id: Id,
    /// The address, number or wallet.
    pub value: T,
    /// How it was proved.
    pub proof: Proof,
    /// Whether it serves as a second factor; phone numbers only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reserved_for_second_factor: bool,
    /// Whether it is the second factor that is asked for first; phone numbers only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub default_second_factor: bool,
    /// Creation.
    pub created_at: i64,
    /// Last change.
    pub updated_at: i64,
}

/// How an identification was proved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// The backend said so.
    Admin,
    /// An account at this provider, such as `oauth_google`, vouched for it.
    FromOauth(String),
    /// A code that was sent there came back.
    Code,
    /// Held for the user but not proved.
    Reserved,
    /// Neither proved nor held: others may claim the value until this user proves it.
    Unverified,
}

impl<T> Identified<T> {
    /// Whether it was proved.
    pub fn is_verified(&self) -> bool {
        match self.proof {
            Proof::Admin | Proof::Code | Proof::FromOauth(_) => true,
            Proof::Reserved | Proof::Unverified => false,
        }
    }

    /// Whether no other user can have the value.
    pub fn is_held(&self) -> bool {
        self.proof != Proof::Unverified
    }
}

/// A kind of value that leads to a user.
pub trait Identifying: Clone + PartialEq + Send + Sync + 'static {
    /// As parameters, attributes and `object` spell it.
    const KIND: &'static str;
    /// For people.
    const NOUN: &'static str;

    /// Reads a value; the problem names `param`.
    fn read(text: &str, param: &str) -> Result<Self, Problem>;

    /// The form in which two spellings are one.
    fn identifier(&self) -> Identifier;

    /// What the instance says of this kind.
    fn attribute(attributes: &Attributes) -> Attribute;

    /// Those of `user`, in order of creation, and which is primary.
    fn of(user: &User) -> (&[Identified<Self>], Option<&Id>);

    /// The same, to be changed.
    fn of_mut(user: &mut User) -> (&mut Vec<Identified<Self>>, &mut Option<Id>);

    /// What the instance's restrictions are held against.
    fn newcomer(&self) -> Newcomer<'_>;

    /// Whether a connected account of `user` vouches for this value.
    fn is_linked(&self, user: &User) -> bool {
        let _ = user;
        false
    }
}

impl Identifying for EmailAddress {
    const KIND: &'static str = "email_address";
    const NOUN: &'static str = "email address";

    fn read(text: &str, param: &str) -> Result<Self, Problem> {
        Self::parse(text, param)
    }

    fn identifier(&self) -> Identifier {
        Identifier::new(Self::KIND, self.as_str())
    }

    fn newcomer(&self) -> Newcomer<'_> {
        Newcomer::Email(self)
    }

    fn attribute(attributes: &Attributes) -> Attribute {
        attributes.email_address
    }

    fn of(user: &User) -> (&[Identified<Self>], Option<&Id>) {
        (&user.email_addresses, user.primary_email_address_id.as_ref())
    }

    fn of_mut(user: &mut User) -> (&mut Vec<Identified<Self>>, &mut Option<Id>) {
        (&mut user.email_addresses, &mut user.primary_email_address_id)
    }

    fn is_linked(&self, user: &User) -> bool {
        user.accounts_linked_to(self).next().is_some()
    }
}

impl Identifying for PhoneNumber {
    const KIND: &'static str = "phone_number";
    const NOUN: &'static str = "phone number";

    fn read(text: &str, param: &str) -> Result<Self, Problem> {
        Self::parse(text, param)
    }

    fn identifier(&self) -> Identifier {
        Identifier::new(Self::KIND, self.as_str())
    }

    fn newcomer(&self) -> Newcomer<'_> {
        Newcomer::Phone(self)
    }

    fn attribute(attributes: &Attributes) -> Attribute {
        attributes.phone_number
    }

    fn of(user: &User) -> (&[Identified<Self>], Option<&Id>) {
        (&user.phone_numbers, user.primary_phone_number_id.as_ref())
    }

    fn of_mut(user: &mut User) -> (&mut Vec<Identified<Self>>, &mut Option<Id>) {
        (&mut user.phone_numbers, &mut user.primary_phone_number_id)
    }
}

impl Identifying for Web3Wallet {
    const KIND: &'static str = "web3_wallet";
    const NOUN: &'static str = "wallet";

    fn read(text: &str, param: &str) -> Result<Self, Problem> {
        Self::parse(text, param)
    }

    fn identifier(&self) -> Identifier {
        Identifier::new(Self::KIND, &self.unique_key())
    }

    fn newcomer(&self) -> Newcomer<'_> {
        Newcomer::Wallet(self)
    }

    fn attribute(attributes: &Attributes) -> Attribute {
        attributes.web3_wallet
    }

    fn of(user: &User) -> (&[Identified<Self>], Option<&Id>) {
        (&user.web3_wallets, user.primary_web3_wallet_id.as_ref())
    }

    fn of_mut(user: &mut User) -> (&mut Vec<Identified<Self>>, &mut Option<Id>) {
        (&mut user.web3_wallets, &mut user.primary_web3_wallet_id)
    }
}

impl User {
    /// The identification with this id, if it is one of this kind.
    pub fn identification<T: Identifying>(&self, id: &Id) -> Option<&Identified<T>> {
        T::of(self).0.iter().find(|one| one.id == *id)
    }

    /// Takes an identification away; the oldest verified one left becomes primary in its place.
    pub fn remove_identification<T: Identifying>(&mut self, id: &Id) -> Option<Identified<T>> {
        let (all, _) = T::of_mut(self);
        let at = all.iter().position(|one| one.id == *id)?;
        let gone = all.remove(at);
        self.replace_primary::<T>(id);
        Some(gone)
    }

    /// Makes the oldest verified identification primary if `id` is.
    pub fn replace_primary<T: Identifying>(&mut self, id: &Id) {
        let (all, primary) = T::of_mut(self);
        if primary.as_ref() == Some(id) {
            *primary =
                all.iter().find(|one| one.is_verified() && one.id != *id).map(|o| o.id.clone());
        }
    }

    /// Whether something leads to this user; what others may claim does not, nor
    /// does a phone number that is asked for only after something else has.
    pub fn is_reachable(&self) -> bool {
        self.username.is_some() || self.is_reachable_without_username()
    }

    /// The same for a user who loses its username.
    pub fn is_reachable_without_username(&self) -> bool {
        self.email_addresses.iter().any(Identified::is_held)
            || self.phone_numbers.iter().any(|p| p.is_held() && !p.reserved_for_second_factor)
            || self.web3_wallets.iter().any(Identified::is_held)
            || !self.external_accounts.is_empty()
    }

    /// Whether there is any identification at all, whatever it is good for.
    pub fn has_identification(&self) -> bool {
        self.is_reachable()
            || !self.email_addresses.is_empty()
            || !self.phone_numbers.is_empty()
            || !self.web3_wallets.is_empty()
    }

    /// Whether a change to `after` would leave nothing that leads to this user.
    pub fn is_cut_off_by(&self, after: &Self) -> bool {
        !after.is_reachable() && (self.is_reachable() || !after.has_identification())
    }

    /// Sees to it that one of the second factors is asked for first: the one
    /// that was so far, else the oldest.
    pub fn settle_default_second_factor(&mut self) {
        for phone in &mut self.phone_numbers {
            phone.reserved_for_second_factor &= phone.is_verified();
            phone.default_second_factor &= phone.reserved_for_second_factor;
        }
        if !self.phone_numbers.iter().any(|phone| phone.default_second_factor)
            && let Some(first) =
                self.phone_numbers.iter_mut().find(|phone| phone.reserved_for_second_factor)
        {
            first.default_second_factor = true;
        }
    }
}
