//! The examples of the crate, run as they are printed, and what they leave out.

#[path = "../../crates/sdk/examples/tour/access.rs"]
mod access;
#[path = "../../crates/sdk/examples/tour/billing.rs"]
mod billing;
#[path = "../../crates/sdk/examples/tour/contact.rs"]
mod contact;
#[path = "../../crates/sdk/examples/tour/instance.rs"]
mod instance;
#[path = "../../crates/sdk/examples/tour/invitations.rs"]
mod invitations;
#[path = "../../crates/sdk/examples/tour/organizations.rs"]
mod organizations;
#[path = "../../crates/sdk/examples/tour/roles.rs"]
mod roles;
#[path = "../../crates/sdk/examples/tour/sessions.rs"]
mod sessions;
#[path = "../../crates/sdk/examples/tour/tokens.rs"]
mod tokens;
#[path = "../../crates/sdk/examples/tour/users.rs"]
mod users;

use rollbook_testkit::{Server, both};
use serde_json::{Value, json};

use crate::clerk;

both!(users_are_shown_as_they_work, async |server| {
    users::tour(&clerk(server)).await.expect("the example");
});

both!(addresses_and_numbers_are_shown_as_they_work, async |server| {
    contact::tour(&clerk(server)).await.expect("the example");
});

both!(organizations_are_shown_as_they_work, async |server| {
    organizations::tour(&clerk(server)).await.expect("the example");
});

both!(roles_are_shown_as_they_work, async |server| {
    roles::tour(&clerk(server)).await.expect("the example");
});

both!(sessions_and_tokens_are_shown_as_they_work, async |server| {
    sessions::tour(&clerk(server)).await.expect("the example");
    tokens::tour(&clerk(server)).await.expect("the example");
});

both!(invitations_are_shown_as_they_work, async |server| {
    invitations::tour(&clerk(server)).await.expect("the example");
});

both!(lists_and_settings_are_shown_as_they_work, async |server| {
    access::tour(&clerk(server)).await.expect("the example");
    instance::tour(&clerk(server)).await.expect("the example");
});

async fn operate(server: &Server, below: &str, body: Value) -> Value {
    let path = format!("/admin/v1/instances/{}/billing{below}", server.instance_id);
    server.operator().post(&path).json(body).send().await.ok()
}

both!(billing_is_shown_as_it_works, async |server| {
    billing::tour(&clerk(server)).await.expect("nothing, while billing is off");
    server.settings(json!({ "billing": { "enabled": true } })).await;
    let plan = json!({ "name": "Pro", "slug": "pro", "payer_type": "user", "amount": 1000 });
    let plan = operate(server, "/plans", plan).await;
    let trial = json!({
        "name": "Team", "slug": "team", "payer_type": "user", "amount": 5000, "free_trial_days": 7,
    });
    let trial = operate(server, "/plans", trial).await;
    for (name, plan) in [("payer_one", &plan), ("payer_two", &trial)] {
        let user = clerk(server).users().create().username(name).send().await.expect("a user");
        let item = json!({ "user_id": user.id, "plan_id": plan["id"] });
        operate(server, "/subscription_items", item).await;
    }
    billing::tour(&clerk(server)).await.expect("the example");
    let items = clerk(server).billing().list_subscription_items().include_free(false);
    let items = items.send().await.expect("items").data;
    assert!(items.iter().all(|item| item.status.as_str() != "active"), "{items:?}");
});
