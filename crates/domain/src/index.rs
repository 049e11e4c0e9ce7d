//! The index rows of a user, derived from its record and from nothing else.
//!
//! The store writes them in the transaction that writes the record, and
//! `rollbook doctor` derives them again and compares.

use crate::{Identified, Identifying, User, Web3Wallet, fold, fold_accents};

/// What SQL filters, sorts and finds users by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserIndex {
    /// The columns beside the record.
    pub columns: UserColumns,
    /// Sorted and without duplicates; each is unique in the instance.
    pub identifiers: Vec<Identifier>,
    /// Sorted and without duplicates; what else leads to users, of whom there may be several.
    pub keys: Vec<Identifier>,
}

/// The columns beside the record, folded where they are text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserColumns {
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
    /// Whether the user is banned.
    pub banned: bool,
    /// For `order_by=first_name`.
    pub first_name: Option<String>,
    /// For `order_by=last_name`.
    pub last_name: Option<String>,
    /// For `order_by=username`.
    pub username: Option<String>,
    /// The primary one, for `order_by=email_address`.
    pub email_address: Option<String>,
    /// The primary one, for `order_by=phone_number`.
    pub phone_number: Option<String>,
    /// The primary one, for `order_by=web3wallet`.
    pub web3_wallet: Option<String>,
    /// Given and family name with a space between, without accents, for `name_query`.
    pub names: String,
    /// All that `query` looks at: the id, then each field behind its [`SearchMark`].
    pub search: String,
}

/// The control character before a field of [`UserColumns::search`], which says what it is.
///
/// No field holds a control character, so no text without one matches across two fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum SearchMark {
    /// An email address that is held.
    EmailAddress = 1,
    /// A phone number that is held.
    PhoneNumber = 2,
    /// A wallet that is held.
    Web3Wallet = 3,
    /// The username.
    Username = 4,
    /// What only `query` looks at: a value that others may claim, or one without its accents.
    Unclaimed = 5,
    /// Given and family name; always the last field.
    Names = 6,
}

impl SearchMark {
    /// The character as a byte.
    pub const fn byte(self) -> u8 {
        self as u8
    }

    /// Whether a text is in no field of anybody.
    pub fn is_in_no_field(text: &str) -> bool {
        text.contains(char::is_control)
    }

    fn of(kind: &str) -> Self {
        match kind {
            "email_address" => Self::EmailAddress,
            "phone_number" => Self::PhoneNumber,
            "web3_wallet" => Self::Web3Wallet,
            "username" => Self::Username,
            _ => Self::Unclaimed,
        }
    }
}

/// A value that leads to at most one user of the instance.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identifier {
    /// `email_address`, `phone_number`, `username`, `web3_wallet`, `external_id`, `oauth_…`.
    pub kind: String,
    /// The form in which two spellings are one.
    pub value: String,
}

impl Identifier {
    /// An identifier of this kind.
    pub fn new(kind: &str, value: &str) -> Self {
        Self { kind: kind.to_owned(), value: value.to_owned() }
    }
}

/// The key of an identification's id.
pub const IDENTIFICATION_KEY: &str = "identification";

impl UserIndex {
    /// Grows with every change of what is derived; a store with an older index is indexed anew.
    pub const VERSION: i64 = 4;

    /// Derives the index of `user`.
    pub fn of(user: &User) -> Self {
        let names = [user.first_name.as_deref(), user.last_name.as_deref()];
        let names = fold_accents(&names.into_iter().flatten().collect::<Vec<_>>().join(" "));

        let mut identifiers = Vec::new();
        let mut keys = Vec::new();
        keys.extend(user.email_addresses.iter().flat_map(|email| email.value.keys()));
        // Others may claim what is not held, so only a search finds it.
        let mut unclaimed = Vec::new();
        index(&user.email_addresses, &mut identifiers, &mut unclaimed, &mut keys);
        index(&user.phone_numbers, &mut identifiers, &mut unclaimed, &mut keys);
        index(&user.web3_wallets, &mut identifiers, &mut unclaimed, &mut keys);
        if let Some(username) = &user.username {
            identifiers.push(Identifier::new("username", username.as_str()));
        }

        let mut search = user.id.as_str().to_lowercase();
        let mut field = |mark: SearchMark, text: &str| {
            search.push(char::from(mark.byte()));
            search.push_str(text);
        };
        for identifier in &identifiers {
            let folded = fold(&identifier.value);
            field(SearchMark::of(&identifier.kind), &folded);
            let bare = fold_accents(&folded);
            if bare != folded {
                field(SearchMark::Unclaimed, &bare);
            }
        }
        for identifier in &unclaimed {
            field(SearchMark::Unclaimed, &fold_accents(&identifier.value));
        }
        if !names.is_empty() {
            field(SearchMark::Names, &names);
        }

        if let Some(external_id) = &user.external_id {
            identifiers.push(Identifier::new("external_id", external_id));
        }
        for account in &user.external_accounts {
            identifiers.push(Identifier::new(&account.provider, &account.provider_user_id));
        }
        identifiers.sort();
        identifiers.dedup();
        keys.sort();
        keys.dedup();

        let columns = UserColumns {
            created_at: user.created_at,
            updated_at: user.updated_at,
            banned: user.banned,
            first_name: user.first_name.as_deref().map(fold),
            last_name: user.last_name.as_deref().map(fold),
            username: user.username.as_ref().map(|u| u.as_str().to_owned()),
            email_address: user.primary_email_address().map(|e| e.as_str().to_owned()),
            phone_number: user.primary_phone_number().map(|p| p.as_str().to_owned()),
            web3_wallet: user.primary_web3_wallet().map(Web3Wallet::unique_key),
            names,
            search,
        };
        Self { columns, identifiers, keys }
    }
}

fn index<T: Identifying>(
    all: &[Identified<T>],
    held: &mut Vec<Identifier>,
    unclaimed: &mut Vec<Identifier>,
    keys: &mut Vec<Identifier>,
) {
    for one in all {
        let list = if one.is_held() { &mut *held } else { &mut *unclaimed };
        list.push(one.value.identifier());
        keys.push(Identifier::new(IDENTIFICATION_KEY, one.id.as_str()));
    }
}
