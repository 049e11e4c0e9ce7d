//! Random filters, orders and pages.

use rollbook_domain::{Order, OrderKey, Page, Range, Signed, User, UserFilter, fold, fold_accents};

use super::crowd::{self, Crowd};
use crate::users_list::Rng;

const ORDERS: [OrderKey; 10] = [
    OrderKey::CreatedAt,
    OrderKey::UpdatedAt,
    OrderKey::EmailAddress,
    OrderKey::Web3Wallet,
    OrderKey::FirstName,
    OrderKey::LastName,
    OrderKey::PhoneNumber,
    OrderKey::Username,
    OrderKey::LastActiveAt,
    OrderKey::LastSignInAt,
];

/// Short texts are the hard ones.
const LONGEST_PART: usize = 6;

/// What a list asks for.
#[derive(Debug, Clone)]
pub(super) struct Query {
    pub(super) filter: UserFilter,
    pub(super) page: Page,
}

impl Query {
    pub(super) fn random(rng: &mut Rng, crowd: &Crowd) -> Self {
        let mut filter = UserFilter::default();
        for _ in 0..rng.below(4) {
            narrow(&mut filter, rng, crowd);
        }
        let key = if rng.one_in(3) { OrderKey::CreatedAt } else { rng.pick(&ORDERS) };
        // As requests are refused otherwise.
        let starts_after = key == OrderKey::CreatedAt && rng.one_in(2);
        let (_, someone) = &crowd.people[rng.below(crowd.people.len())];
        let starting_after = match rng.below(10) {
            _ if !starts_after => None,
            0 => Some("user_nobody".parse().expect("an id")),
            _ => Some(someone.id.clone()),
        };
        let page = Page {
            order: Order { key, descending: rng.one_in(2) },
            limit: 1 + rng.number(40),
            offset: if starts_after || rng.one_in(2) { 0 } else { rng.number(150) },
            starting_after,
        };
        Self { filter, page }
    }
}

/// One more condition.
fn narrow(filter: &mut UserFilter, rng: &mut Rng, crowd: &Crowd) {
    match rng.below(18) {
        0 => filter.email_address = Some(some(rng, crowd, emails)),
        1 => filter.phone_number = Some(some(rng, crowd, phones)),
        2 => filter.username = Some(some(rng, crowd, usernames)),
        3 => filter.web3_wallet = Some(some(rng, crowd, wallets)),
        4 => filter.external_id = signed(rng, |rng| some(rng, crowd, external_ids)),
        5 => filter.user_id = signed(rng, |rng| some(rng, crowd, ids)),
        6 => filter.organization_id = signed(rng, |rng| vec![crowd::organization(rng)]),
        7 => {
            let ids = some(rng, crowd, |user| {
                user.external_accounts.iter().map(|a| a.provider_user_id.clone()).collect()
            });
            filter.provider = Some((crowd::provider(rng).to_owned(), ids));
        }
        8 | 9 => filter.query = Some(fold_accents(&part(rng, crowd, everything))),
        10 => filter.email_address_query = Some(part(rng, crowd, emails)),
        11 => filter.phone_number_query = Some(part(rng, crowd, phones)),
        12 => filter.username_query = Some(part(rng, crowd, usernames)),
        13 => filter.name_query = Some(fold_accents(&part(rng, crowd, names))),
        14 => filter.banned = Some(rng.one_in(2)),
        15 => filter.created_at = range(rng),
        16 => filter.last_active_at = range(rng),
        _ => filter.last_sign_in_at = range(rng),
    }
}

/// Values that many, few or none of the users have.
fn some(rng: &mut Rng, crowd: &Crowd, of: fn(&User) -> Vec<String>) -> Vec<String> {
    let n = rng.pick(&[0, 1, 2, 5, 100]);
    let mut values: Vec<String> = Vec::new();
    for _ in 0..n {
        values.extend(of(&crowd.people[rng.below(crowd.people.len())].1));
    }
    if values.is_empty() {
        values.push("nobody".to_owned());
    }
    values
}

fn signed(rng: &mut Rng, mut values: impl FnMut(&mut Rng) -> Vec<String>) -> Signed {
    let include = if rng.one_in(2) { values(rng) } else { Vec::new() };
    let exclude = if rng.one_in(2) { values(rng) } else { Vec::new() };
    Signed { include, exclude }
}

/// A piece of a text that somebody has, of one character or more, or one that is nobody's.
fn part(rng: &mut Rng, crowd: &Crowd, of: fn(&User) -> Vec<String>) -> String {
    if rng.one_in(10) {
        return rng.pick(&["%", "_", "\\", "'", "", "\u{1}", "a\u{5}", "zzz", " "]).to_owned();
    }
    let texts = of(&crowd.people[rng.below(crowd.people.len())].1);
    if texts.is_empty() {
        return "a".to_owned();
    }
    let text: Vec<char> = fold(&texts[rng.below(texts.len())]).chars().collect();
    let start = rng.below(text.len());
    let length = 1 + rng.below(LONGEST_PART.min(text.len() - start));
    text[start..start + length].iter().collect()
}

fn range(rng: &mut Rng) -> Range {
    let side = |rng: &mut Rng| if rng.one_in(2) { Some(crowd::time(rng)) } else { None };
    Range { after: side(rng), before: side(rng) }
}

fn emails(user: &User) -> Vec<String> {
    user.email_addresses.iter().map(|email| fold(email.value.as_str())).collect()
}

fn phones(user: &User) -> Vec<String> {
    user.phone_numbers.iter().map(|phone| phone.value.to_string()).collect()
}

fn wallets(user: &User) -> Vec<String> {
    user.web3_wallets.iter().map(|wallet| wallet.value.to_string()).collect()
}

fn usernames(user: &User) -> Vec<String> {
    user.username.iter().map(|username| fold(username.as_str())).collect()
}

fn names(user: &User) -> Vec<String> {
    let names: Vec<_> =
        [&user.first_name, &user.last_name].into_iter().flatten().cloned().collect();
    if names.is_empty() { names } else { vec![names.join(" ")] }
}

fn external_ids(user: &User) -> Vec<String> {
    user.external_id.iter().cloned().collect()
}

fn ids(user: &User) -> Vec<String> {
    vec![user.id.to_string()]
}

fn everything(user: &User) -> Vec<String> {
    [emails, phones, wallets, usernames, names, ids].iter().flat_map(|of| of(user)).collect()
}
