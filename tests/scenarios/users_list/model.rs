//! What a list should find, said as plainly as possible.

use rollbook_domain::{fold, fold_accents};
use rollbook_testkit::START;
use serde_json::Value;

use super::people::{ORGANIZATIONS, People};
use crate::support::id;

/// A generator that gives the same numbers every time (xorshift64*).
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.max(1))
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(number).expect("31 bits") % n
    }

    pub(crate) fn number(&mut self, n: usize) -> i64 {
        i64::try_from(self.below(n)).expect("small")
    }

    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

/// One condition of a query.
#[derive(Debug)]
pub(super) enum Filter {
    /// Any of these values of an identifier.
    Exact(&'static str, Vec<String>),
    /// Values with their signs.
    Signed(&'static str, Vec<String>),
    /// A part of a text.
    Contains(&'static str, String),
    Banned(bool),
    /// Strictly before or after.
    Time(&'static str, i64),
    Provider(&'static str, Vec<String>),
}

impl Filter {
    pub(super) fn random(rng: &mut Rng, people: &People) -> Self {
        match rng.below(10) {
            0 | 1 => {
                let name = rng.pick(&["email_address", "phone_number", "username", "web3_wallet"]);
                let known: Vec<_> =
                    people.all.iter().flat_map(|user| identifiers(user, name)).collect();
                Self::Exact(name, some(rng, &known, false))
            }
            2 | 3 => {
                let name = rng.pick(&["external_id", "user_id", "organization_id"]);
                let known: Vec<String> = match name {
                    "organization_id" => ORGANIZATIONS.map(str::to_owned).to_vec(),
                    "user_id" => people.all.iter().map(id).collect(),
                    _ => people.all.iter().flat_map(|user| identifiers(user, name)).collect(),
                };
                Self::Signed(name, some(rng, &known, true))
            }
            4..7 => {
                let name = rng.pick(&[
                    "query",
                    "query",
                    "email_address_query",
                    "phone_number_query",
                    "username_query",
                    "name_query",
                ]);
                let known: Vec<_> = people.all.iter().flat_map(|user| texts(user, name)).collect();
                Self::Contains(name, part(rng, &known, name))
            }
            7 => Self::Banned(rng.one_in(2)),
            8 => {
                let name = rng.pick(&[
                    "created_at_before",
                    "created_at_after",
                    "last_active_at_before",
                    "last_active_at_after",
                    "last_active_at_since",
                    "last_sign_in_at_before",
                    "last_sign_in_at_after",
                ]);
                // Mostly a time that somebody has, for the bounds are strict.
                let column = column_of(name);
                let known: Vec<i64> =
                    people.all.iter().filter_map(|user| user[column].as_i64()).collect();
                let at = if rng.one_in(4) { START + rng.number(50_000) } else { rng.pick(&known) };
                Self::Time(name, at)
            }
            _ => {
                let provider = rng.pick(&["oauth_google", "oauth_custom_acme", "google"]);
                let ids = (0..=rng.below(20)).map(|_| format!("p-{}", rng.below(30))).collect();
                Self::Provider(provider, ids)
            }
        }
    }

    /// What may be given only once.
    pub(super) fn parameter(&self) -> &str {
        match self {
            // The one is the other's deprecated name.
            Self::Time("last_active_at_since", _) => "last_active_at_after",
            Self::Exact(name, _)
            | Self::Signed(name, _)
            | Self::Contains(name, _)
            | Self::Time(name, _) => name,
            Self::Banned(_) => "banned",
            Self::Provider(..) => "provider",
        }
    }

    pub(super) fn query(&self) -> Vec<(String, String)> {
        let all = |name: &str, values: &[String]| {
            values.iter().map(|value| (name.to_owned(), value.clone())).collect()
        };
        match self {
            Self::Exact(name, values) | Self::Signed(name, values) => all(name, values),
            Self::Contains(name, text) => vec![((*name).to_owned(), text.clone())],
            Self::Banned(banned) => vec![("banned".to_owned(), banned.to_string())],
            Self::Time(name, at) => vec![((*name).to_owned(), at.to_string())],
            Self::Provider(provider, ids) => {
                let mut query: Vec<_> = all("provider_user_id", ids);
                query.push(("provider".to_owned(), (*provider).to_owned()));
                query
            }
        }
    }

    pub(super) fn admits(&self, user: &Value, people: &People) -> bool {
        match self {
            Self::Exact(name, values) => {
                let own: Vec<_> =
                    identifiers(user, name).iter().map(|own| key(name, own)).collect();
                values.iter().any(|value| own.contains(&key(name, value)))
            }
            Self::Signed(name, values) => {
                let own: Vec<String> = match *name {
                    "user_id" => vec![id(user)],
                    "organization_id" => ORGANIZATIONS
                        .into_iter()
                        .filter(|o| {
                            people.memberships.get(o).is_some_and(|m| m.contains(&id(user)))
                        })
                        .map(str::to_owned)
                        .collect(),
                    _ => identifiers(user, name),
                };
                let is_own = |value: &str| own.iter().any(|own| own == value);
                let minus: Vec<_> = values.iter().filter_map(|v| v.strip_prefix('-')).collect();
                let plus: Vec<_> = values
                    .iter()
                    .filter(|value| !value.starts_with('-'))
                    .map(|value| value.strip_prefix('+').unwrap_or(value))
                    .collect();
                (plus.is_empty() || plus.iter().any(|value| is_own(value)))
                    && !minus.iter().any(|value| is_own(value))
            }
            Self::Contains(name, text) => {
                let form = match *name {
                    "query" | "name_query" => fold_accents,
                    _ => fold,
                };
                texts(user, name).iter().any(|own| form(own).contains(&form(text)))
            }
            Self::Banned(banned) => user["banned"] == *banned,
            Self::Time(name, at) => user[column_of(name)]
                .as_i64()
                .is_some_and(|own| if name.ends_with("_before") { own < *at } else { own > *at }),
            Self::Provider(provider, ids) => {
                let bare = provider.strip_prefix("oauth_").unwrap_or(provider);
                user["external_accounts"].as_array().expect("an array").iter().any(|account| {
                    account["provider"] == format!("oauth_{bare}")
                        && ids.iter().any(|id| account["provider_user_id"] == **id)
                })
            }
        }
    }
}

fn column_of(name: &str) -> &str {
    name.rsplit_once('_').map_or(name, |(column, _)| column)
}

/// Up to three values, now and then one that nobody has or in other letters.
fn some(rng: &mut Rng, known: &[String], signed: bool) -> Vec<String> {
    let mut values = Vec::new();
    for _ in 0..=rng.below(3) {
        let mut value = match rng.below(6) {
            0 => "nobody@example.com".to_owned(),
            _ if known.is_empty() => "nobody".to_owned(),
            _ => known[rng.below(known.len())].clone(),
        };
        if !signed && value.contains('@') && rng.one_in(2) {
            value = value.to_ascii_uppercase();
        }
        if signed {
            value.insert_str(0, rng.pick(&["", "+", "-"]));
        }
        values.push(value);
    }
    values
}

/// A piece of a text that somebody has, in any letter case, or a pattern's sign.
fn part(rng: &mut Rng, known: &[String], name: &str) -> String {
    if name != "phone_number_query" && rng.one_in(5) {
        return rng.pick(&["%", "_", "\\", "%%", "a_", "'", "zz top"]).to_owned();
    }
    let text: Vec<char> = known[rng.below(known.len())].chars().collect();
    let from = rng.below(text.len());
    let length = 1 + rng.below(6);
    let part: String = text.iter().skip(from).take(length).collect();
    // A leading space would be read as a sign typed by hand.
    let part = part.trim().to_owned();
    match rng.below(3) {
        _ if part.is_empty() => text.iter().collect(),
        0 => part.to_ascii_uppercase(),
        1 => part.to_ascii_lowercase(),
        _ => part,
    }
}

/// The values of one kind of identifier, as they are shown.
fn identifiers(user: &Value, name: &str) -> Vec<String> {
    let list = match name {
        "email_address" => "email_addresses",
        "phone_number" => "phone_numbers",
        "web3_wallet" => "web3_wallets",
        _ => return user[name].as_str().map(str::to_owned).into_iter().collect(),
    };
    let all = user[list].as_array().expect("an array").iter();
    all.map(|one| one[name].as_str().expect("a text").to_owned()).collect()
}

/// What makes two spellings of an identifier one.
fn key(name: &str, value: &str) -> String {
    match name {
        "phone_number" => value.to_owned(),
        _ => fold(value),
    }
}

/// The texts that a search looks at.
fn texts(user: &Value, name: &str) -> Vec<String> {
    let names = [&user["first_name"], &user["last_name"]];
    let names: Vec<_> = names.into_iter().filter_map(Value::as_str).collect();
    let names = (!names.is_empty()).then(|| names.join(" "));
    match name {
        "email_address_query" => identifiers(user, "email_address"),
        "phone_number_query" => identifiers(user, "phone_number"),
        "username_query" => identifiers(user, "username"),
        "name_query" => names.into_iter().collect(),
        _ => {
            let kinds = ["email_address", "phone_number", "username", "web3_wallet"];
            let mut all: Vec<_> = kinds.iter().flat_map(|kind| identifiers(user, kind)).collect();
            all.push(id(user));
            all.extend(names);
            all
        }
    }
}

/// A sort order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order {
    key: &'static str,
    sign: &'static str,
}

const KEYS: [&str; 10] = [
    "created_at",
    "updated_at",
    "email_address",
    "web3wallet",
    "first_name",
    "last_name",
    "phone_number",
    "username",
    "last_active_at",
    "last_sign_in_at",
];

impl Order {
    pub(super) fn all() -> impl Iterator<Item = Self> {
        KEYS.into_iter().flat_map(|key| ["", "+", "-"].map(|sign| Self { key, sign }))
    }

    pub(super) fn random(rng: &mut Rng) -> Self {
        Self { key: rng.pick(&KEYS), sign: rng.pick(&["", "+", "-"]) }
    }

    pub(super) fn query(self) -> (String, String) {
        ("order_by".to_owned(), format!("{}{}", self.sign, self.key))
    }

    /// Nulls last both ways; ties by id, in the same direction.
    pub(super) fn sorted<'a>(
        self,
        users: impl Iterator<Item = &'a Value>,
    ) -> impl Iterator<Item = &'a Value> {
        let (mut with, mut without): (Vec<_>, Vec<_>) =
            users.partition(|user| self.value(user).is_some());
        with.sort_by_key(|user| (self.value(user), id(user)));
        without.sort_by_key(|user| id(user));
        if self.sign == "-" {
            with.reverse();
            without.reverse();
        }
        with.into_iter().chain(without)
    }

    /// Numbers compare as numbers, texts by the bytes of their folded form.
    fn value(self, user: &Value) -> Option<(i64, Vec<u8>)> {
        let primary = |list: &str, primary: &str, name: &str| {
            let all = user[list].as_array().expect("an array");
            let one = all.iter().find(|one| one["id"] == user[primary])?;
            Some(one[name].as_str().expect("a text").to_owned())
        };
        let text = match self.key {
            "email_address" => {
                primary("email_addresses", "primary_email_address_id", "email_address")
            }
            "phone_number" => primary("phone_numbers", "primary_phone_number_id", "phone_number"),
            "web3wallet" => primary("web3_wallets", "primary_web3_wallet_id", "web3_wallet"),
            "first_name" | "last_name" | "username" => user[self.key].as_str().map(str::to_owned),
            _ => return user[self.key].as_i64().map(|number| (number, Vec::new())),
        };
        text.map(|text| (0, fold(&text).into_bytes()))
    }
}
