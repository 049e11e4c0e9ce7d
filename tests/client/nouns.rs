//! What the nouns besides users have in common: refusals, typed ids, lists in pages.

use futures_util::TryStreamExt;
use rollbook_sdk::{Code, OrganizationId, Patch};
use rollbook_testkit::both;
use serde_json::json;

use crate::{ada, clerk, code};

both!(refusals_have_the_codes_of_the_catalogue, async |server| {
    let clerk = clerk(server);
    let nobody = OrganizationId::from("org_0");
    let organizations = clerk.organizations();
    assert_eq!(code(organizations.get(&nobody).send().await), Code::ResourceNotFound);
    assert_eq!(code(organizations.create().send().await), Code::FormParamMissing);
    let invitations = clerk.organization_invitations();
    assert_eq!(code(invitations.list(&nobody).send().await), Code::ResourceNotFound);
    let subscription = clerk.users().get_billing_subscription("user_0").send().await;
    assert_eq!(code(subscription), Code::BillingNotEnabled);
    let session = clerk.sessions().create().user_id("user_0").send().await;
    assert_eq!(code(session), Code::ResourceNotFound);
});

both!(streams_of_pages_with_a_count_end_where_they_should, async |server| {
    let clerk = clerk(server);
    for n in 0..5 {
        clerk.organizations().create().name(format!("Firm {n}")).send().await.expect("one");
    }
    for (size, offset, expected) in [(2, 0, 5), (5, 0, 5), (2, 3, 2)] {
        let list = clerk.organizations().list().limit(size).offset(offset).order_by("name");
        let firms: Vec<_> = list.stream().try_collect().await.expect("all pages");
        let names: Vec<_> = firms.iter().map(|firm| firm.name.as_str()).collect();
        assert_eq!(names.len(), expected, "pages of {size} from {offset}");
        assert!(names.is_sorted() && names[0] == format!("Firm {offset}"));
    }
});

both!(a_nullable_field_of_any_noun_is_cleared, async |server| {
    let clerk = clerk(server);
    let roles = clerk.organization_roles();
    let role = roles.create().name("Helper").key("org:helper").description("helps").send().await;
    let role = role.expect("a role");
    let kept = roles.update(&role.id).name("Aide").send().await.expect("changed");
    assert_eq!((kept.name.as_str(), kept.description.as_deref()), ("Aide", Some("helps")));
    let cleared = roles.update(&role.id).description(Patch::Clear).send().await.expect("changed");
    assert_eq!(cleared.description.unwrap_or_default(), "");
});

both!(the_plan_that_everyone_has_is_read, async |server| {
    server.settings(json!({ "billing": { "enabled": true } })).await;
    let clerk = clerk(server);
    let ada = ada(&clerk).await;
    let found = clerk.users().get_billing_subscription(&ada.id).send().await.expect("one");
    let plan = found.subscription_items[0].plan.as_ref().expect("a plan");
    assert!(plan.is_default && plan.slug == "free_user");
    assert_eq!(plan.fee.as_ref().map(|fee| fee.amount), Some(0));
    assert_eq!(found.status.as_str(), "active");
});

both!(a_code_that_was_mailed_proves_an_address, async |server| {
    let clerk = clerk(server);
    let ada = ada(&clerk).await;
    let addresses = clerk.email_addresses();
    let other = addresses.create().user_id(&ada.id).email_address("a@example.net").send().await;
    let other = other.expect("an address");
    let sent = addresses.prepare_verification(&other.id).send().await.expect("sent");
    let mail = server.outbox().await.into_iter().rev().find(|event| event.kind == "email.created");
    let mail: serde_json::Value =
        serde_json::from_str(&mail.expect("a mail").data).expect("its data");
    let typed = mail["data"]["otp_code"].as_str().expect("a code").to_owned();
    let tried = addresses.attempt_verification(&other.id, &sent.id, typed).send().await;
    assert_eq!(tried.expect("tried").status.as_str(), "verified");
});
