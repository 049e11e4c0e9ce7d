//! Bodies in the shapes of the real service, each read by the model that is for it.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    OAuthAccessToken, OrganizationInvitation, OrganizationMembership, Paginated, PayerType,
    PlanPeriod, Session, SessionStatus, Subscription, User, decode,
};

/// The reply as the model has it. Whatever the model has must be as it was in the body.
fn read<T: DeserializeOwned + Serialize + Debug>(body: &str) -> T {
    let reply: T = decode::read(200, body.as_bytes()).unwrap();
    compare("", &serde_json::to_value(&reply).unwrap(), &body.parse().unwrap());
    reply
}

fn compare(at: &str, ours: &Value, theirs: &Value) {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            for (name, ours) in ours {
                match theirs.get(name) {
                    Some(theirs) => compare(&format!("{at}.{name}"), ours, theirs),
                    None => assert!(is_default(ours), "{at}.{name} is {ours}, and was not told"),
                }
            }
        }
        (Value::Array(ours), Value::Array(theirs)) => {
            assert_eq!(ours.len(), theirs.len(), "{at}");
            for (n, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
                compare(&format!("{at}[{n}]"), ours, theirs);
            }
        }
        (ours, Value::Null) => assert!(is_default(ours), "{at} is {ours}, and was null"),
        _ => assert_eq!(ours, theirs, "{at}"),
    }
}

fn is_default(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(all) => all.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(true) => false,
    }
}

#[test]
fn a_user_with_a_google_account() {
    let user: User = read(include_str!("replies/user.json"));
    assert_eq!(user.primary_email_address().unwrap().email_address, "ada@example.com");
    let account = &user.external_accounts[0];
    assert!(account.id.as_str().starts_with("idn_"));
    assert!(account.account_id().as_str().starts_with("eac_"));
    assert_eq!(user.verification_attempts_remaining, Some(100));
}

#[test]
fn memberships_with_their_organizations() {
    let page: Paginated<OrganizationMembership> = read(include_str!("replies/memberships.json"));
    let one = &page.data[0];
    assert_eq!((page.total_count, one.role.as_str()), (1, "org:admin"));
    assert_eq!(one.organization.as_ref().unwrap().max_allowed_memberships, 5);
    assert_eq!(
        one.public_user_data.as_ref().unwrap().identifier.as_deref(),
        Some("ada@example.com")
    );
}

#[test]
fn invitations_without_an_inviter() {
    let page: Paginated<OrganizationInvitation> = read(include_str!("replies/invitations.json"));
    let one = &page.data[0];
    assert_eq!((one.inviter_id.as_ref(), one.url.as_ref()), (None, None));
    assert_eq!(one.public_organization_data.as_ref().unwrap().slug, "analytical-engines");
}

#[test]
fn a_subscription_in_both_shapes() {
    let older: Subscription = read(include_str!("replies/subscription_2025_04_10.json"));
    let newer: Subscription = read(include_str!("replies/subscription_2025_11_10.json"));
    for subscription in [&older, &newer] {
        let plan = subscription.subscription_items[0].plan.as_ref().unwrap();
        assert_eq!(plan.for_payer_type, Some(PayerType::User));
        assert_eq!(subscription.next_payment.as_ref().unwrap().date, Some(1_763_770_433_534));
    }
    let item = &newer.subscription_items[0];
    assert_eq!(item.plan_period, Some(PlanPeriod::Annual));
    assert_eq!(item.lifetime_paid.as_ref().unwrap().currency, "USD");
    assert_eq!(older.subscription_items[0].proration_date.as_deref(), Some(""));
}

#[test]
fn a_session_that_waits_and_has_tasks() {
    let session: Session = read(include_str!("replies/session.json"));
    assert_eq!(session.status, SessionStatus::Pending);
    assert_eq!(session.actor.unwrap()["sub"], "user_support");
}

#[test]
fn tokens_that_are_not_printed() {
    let tokens: Vec<OAuthAccessToken> = read(include_str!("replies/oauth_access_tokens.json"));
    assert_eq!(tokens[0].token.expose(), "ya29.sample");
    assert!(!format!("{tokens:?}").contains("ya29"));
}

#[test]
fn what_is_absent_null_or_new_does_not_matter() {
    let bare: User = read(r#"{ "id": "user_1" }"#);
    let nulls = r#"{ "id": "user_1", "public_metadata": null, "email_addresses": null, "banned": null,
        "image_url": null, "shoe_size": 42 }"#;
    assert_eq!(read::<User>(nulls), bare);
    let session = r#"{ "id": "sess_1", "user_id": "user_1", "status": "asleep" }"#;
    let session: Session = read(session);
    assert_eq!(session.status, SessionStatus::Other("asleep".to_owned()));
}
