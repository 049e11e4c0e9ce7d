//! Which users a list or a count is about, and in what order.

use rollbook_wire::Id;

/// A choice of users; all conditions must hold, the values of one are alternatives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// Exact, folded. As the next four: `None` does not filter, an empty list admits nobody.
    pub email_address: Option<Vec<String>>,
    /// Exact, E.164.
    pub phone_number: Option<Vec<String>>,
    /// Exact, folded.
    pub username: Option<Vec<String>>,
    /// Exact, as unique keys.
    pub web3_wallet: Option<Vec<String>>,
    /// Exact.
    pub external_id: Signed,
    /// Exact.
    pub user_id: Signed,
    /// Members of these organizations.
    pub organization_id: Signed,
    /// An account at this provider with one of these ids.
    pub provider: Option<(String, Vec<String>)>,
    /// Folded text somewhere in the user's fields.
    pub query: Option<String>,
    /// Folded text somewhere in an email address.
    pub email_address_query: Option<String>,
    /// Text somewhere in a phone number.
    pub phone_number_query: Option<String>,
    /// Folded text somewhere in the username.
    pub username_query: Option<String>,
    /// Folded text somewhere in the names.
    pub name_query: Option<String>,
    /// Only banned users, or only others.
    pub banned: Option<bool>,
    /// Creation.
    pub created_at: Range,
    /// Latest session activity.
    pub last_active_at: Range,
    /// Latest sign-in.
    pub last_sign_in_at: Range,
}

/// Values to include and to exclude.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signed {
    /// Any of these, unless empty.
    pub include: Vec<String>,
    /// None of these.
    pub exclude: Vec<String>,
}

/// An open interval of milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Range {
    /// Strictly later than this.
    pub after: Option<i64>,
    /// Strictly earlier than this.
    pub before: Option<i64>,
}

/// What users are sorted by; ties are broken by id, nulls come last both ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderKey {
    /// `created_at`
    CreatedAt,
    /// `updated_at`
    UpdatedAt,
    /// `email_address`, the primary one
    EmailAddress,
    /// `web3wallet`, the primary one
    Web3Wallet,
    /// `first_name`
    FirstName,
    /// `last_name`
    LastName,
    /// `phone_number`, the primary one
    PhoneNumber,
    /// `username`
    Username,
    /// `last_active_at`
    LastActiveAt,
    /// `last_sign_in_at`
    LastSignInAt,
}

impl OrderKey {
    /// The key as `order_by` spells it.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "created_at" => Self::CreatedAt,
            "updated_at" => Self::UpdatedAt,
            "email_address" => Self::EmailAddress,
            "web3wallet" => Self::Web3Wallet,
            "first_name" => Self::FirstName,
            "last_name" => Self::LastName,
            "phone_number" => Self::PhoneNumber,
            "username" => Self::Username,
            "last_active_at" => Self::LastActiveAt,
            "last_sign_in_at" => Self::LastSignInAt,
            _ => return None,
        })
    }
}

/// A sort key with its direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// What by.
    pub key: OrderKey,
    /// Greatest first.
    pub descending: bool,
}

impl Order {
    /// Newest first, the default of every list.
    pub const NEWEST: Self = Self { key: OrderKey::CreatedAt, descending: true };
}

/// Which part of the sorted users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The sort order.
    pub order: Order,
    /// At most this many, 1 to 500.
    pub limit: i64,
    /// Leave out this many.
    pub offset: i64,
    /// Start behind this user; only by `created_at`, without offset.
    pub starting_after: Option<Id>,
}
