//! create, get, delete.

use rollbook_sdk::{Code, CreateUser, Error, VerificationStatus};
use rollbook_testkit::both;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{ada, clerk, code};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Plan {
    plan: String,
    seats: u32,
}

both!(a_user_is_created_read_and_deleted, async |server| {
    let clerk = clerk(server);
    let made = clerk
        .users()
        .create()
        .external_id("crm-1")
        .first_name("Ada")
        .last_name("Lovelace")
        .email_address(["ada@example.com", "ada@example.org"])
        .phone_number(["+15555550100"])
        .username("ada_l")
        .password("seven violet otters hum")
        .public_metadata(Plan { plan: "pro".to_owned(), seats: 3 })
        .private_metadata(json!({ "notes": ["first"] }))
        .created_at("2023-03-15T07:15:20.902Z")
        .send()
        .await
        .expect("a user");
    assert_eq!(made.first_name.as_deref(), Some("Ada"));
    assert_eq!(made.created_at, 1_678_864_520_902);
    assert!(made.password_enabled);
    let primary = made.primary_email_address().expect("a primary address");
    assert_eq!(primary.email_address, "ada@example.com");
    let proof = primary.verification.as_ref().expect("a proof");
    assert_eq!(proof.status, VerificationStatus::Verified);
    let plan: Plan = made.public_metadata_as().expect("of that type");
    assert_eq!(plan, Plan { plan: "pro".to_owned(), seats: 3 });
    assert_eq!(clerk.users().get(&made.id).send().await.expect("there"), made);

    let gone = clerk.users().delete(&made.id).send().await.expect("deleted");
    assert_eq!((gone.id.as_str(), gone.deleted), (made.id.as_str(), true));
    assert_eq!(gone.external_id.as_deref(), Some("crm-1"));
    assert_eq!(code(clerk.users().get(&made.id).send().await), Code::ResourceNotFound);
});

both!(parameters_may_be_given_as_one_struct, async |server| {
    let params = CreateUser { username: Some("ada_l".to_owned()), ..CreateUser::default() };
    let made = clerk(server).users().create().params(params).send().await.expect("a user");
    assert_eq!(made.username.as_deref(), Some("ada_l"));
});

both!(a_refusal_names_every_problem, async |server| {
    let clerk = clerk(server);
    ada(&clerk).await;
    let again = clerk.users().create().email_address(["ADA@example.com"]).send().await;
    let error = again.expect_err("taken");
    assert_eq!((error.code(), error.status()), (Some(Code::FormIdentifierExists), Some(422)));
    let refusal = error.api().expect("the server's words");
    let meta = refusal.errors[0].meta.as_ref().expect("a parameter");
    assert_eq!(meta["param_name"], "email_address");
    assert_eq!(refusal.trace_id.as_ref().map(String::len), Some(32));

    let both = clerk.users().create().username("a_b").email_address(["nonsense"]).send().await;
    let both = both.expect_err("two problems");
    assert_eq!(both.api().expect("told").errors.len(), 2, "{both}");
});

both!(metadata_that_is_no_object_is_never_sent, async |server| {
    let error = clerk(server).users().create().public_metadata(7).send().await;
    assert!(matches!(error, Err(Error::Config { .. })), "{error:?}");
});
