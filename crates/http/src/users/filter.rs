//! The query of a list or a count as a choice of users.

use rollbook_domain::{
    EmailAddress, Order, OrderKey, Page, PhoneNumber, Range, UserFilter, Web3Wallet, fold,
    fold_accents,
};
use rollbook_wire::Code;

use crate::page::{MAX_VALUES, limits, signed};
use crate::{Query, Sign};

/// Reads all filters; problems stay in `query`.
pub(super) fn filter(query: &mut Query) -> UserFilter {
    let mut since = query.millis("last_active_at_since");
    let after = query.millis("last_active_at_after");
    if after.is_some() {
        since = None;
    }
    UserFilter {
        external_id: signed(query, "external_id"),
        organization_id: signed(query, "organization_id"),
        provider: provider(query),
        banned: query.boolean("banned"),
        last_active_at: Range {
            after: after.or(since),
            before: query.millis("last_active_at_before"),
        },
        last_sign_in_at: range(query, "last_sign_in_at"),
        ..people(query)
    }
}

/// Reads the filters by which the members of an organization are chosen; problems stay in `query`.
pub(crate) fn of_members(query: &mut Query) -> UserFilter {
    UserFilter { last_active_at: range(query, "last_active_at"), ..people(query) }
}

/// The filters that every list of people has.
fn people(query: &mut Query) -> UserFilter {
    UserFilter {
        // A value that is no address, number or wallet is one that nobody has.
        email_address: exact(&query.strings("email_address", MAX_VALUES), |text| {
            EmailAddress::parse(text, "email_address").ok().map(|email| email.to_string())
        }),
        phone_number: exact(&query.strings_with_plus("phone_number", MAX_VALUES), |text| {
            PhoneNumber::parse(text, "phone_number").ok().map(|phone| phone.to_string())
        }),
        username: exact(&query.strings("username", MAX_VALUES), |text| {
            Some(text.to_ascii_lowercase())
        }),
        web3_wallet: exact(&query.strings("web3_wallet", MAX_VALUES), |text| {
            Web3Wallet::parse(text, "web3_wallet").ok().map(|wallet| wallet.unique_key())
        }),
        user_id: signed(query, "user_id"),
        query: bare(query, "query"),
        email_address_query: query.search("email_address_query").map(|text| fold(&text)),
        phone_number_query: query.search("phone_number_query").map(|text| phone_text(&text)),
        username_query: query.search("username_query").map(|text| fold(&text)),
        name_query: bare(query, "name_query"),
        created_at: range(query, "created_at"),
        ..UserFilter::default()
    }
}

/// A text without accents, as names are searched; nothing but marks is no search.
fn bare(query: &mut Query, name: &str) -> Option<String> {
    query.search(name).map(|text| fold_accents(&text)).filter(|text| !text.is_empty())
}

/// Reads which part of the users and in what order; problems stay in `query`.
pub(super) fn page(query: &mut Query) -> Page {
    let (limit, offset) = limits(query);
    let order = order(query).unwrap_or(Order::NEWEST);
    let starting_after = query.string("starting_after").filter(|text| !text.is_empty());
    let starting_after = starting_after.and_then(|text| {
        let name = "starting_after";
        let Ok(id) = text.parse() else {
            query.deny(name, Code::FormParamValueInvalid, "starting_after must be a user's id.");
            return None;
        };
        if order.key != OrderKey::CreatedAt {
            let text = "starting_after can only be used when ordering by created_at.";
            query.deny(name, Code::FormParamValueInvalid, text);
        }
        if offset != 0 {
            let text = "starting_after cannot be used together with offset.";
            query.deny(name, Code::FormParamValueInvalid, text);
        }
        Some(id)
    });
    Page { order, limit, offset, starting_after }
}

fn order(query: &mut Query) -> Option<Order> {
    let (sign, name) = query.first_signed("order_by")?;
    let Some(key) = OrderKey::from_name(&name) else {
        let text = "order_by must name a field that users can be ordered by.";
        query.deny("order_by", Code::FormParamValueInvalid, text);
        return None;
    };
    Some(Order { key, descending: sign == Sign::Minus })
}

/// Absent means no filter; given but hopeless means nobody.
fn exact(values: &[String], form: impl Fn(&str) -> Option<String>) -> Option<Vec<String>> {
    (!values.is_empty()).then(|| values.iter().filter_map(|value| form(value)).collect())
}

fn range(query: &mut Query, name: &str) -> Range {
    Range {
        after: query.millis(&format!("{name}_after")),
        before: query.millis(&format!("{name}_before")),
    }
}

/// Each of the two needs the other.
fn provider(query: &mut Query) -> Option<(String, Vec<String>)> {
    let provider = query.search("provider");
    let ids = query.strings("provider_user_id", MAX_VALUES);
    match (provider, ids.is_empty()) {
        (Some(provider), false) => {
            let prefixed = provider.starts_with("oauth_");
            Some((if prefixed { provider } else { format!("oauth_{provider}") }, ids))
        }
        (Some(_), true) => {
            let text = "provider_user_id must be given together with provider.";
            query.deny("provider_user_id", Code::FormConditionalParamMissing, text);
            None
        }
        (None, false) => {
            let text = "provider must be given together with provider_user_id.";
            query.deny("provider", Code::FormConditionalParamMissing, text);
            None
        }
        (None, true) => None,
    }
}

/// Numbers are kept without the spaces and dashes that people type; a plus
/// typed by hand arrives as a space.
fn phone_text(text: &str) -> String {
    let text: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '.')).collect();
    text
}
