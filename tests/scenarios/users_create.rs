//! `POST /v1/users`

use rollbook_testkit::both;
use serde_json::json;

both!(a_new_user_is_found_by_its_id, async |server| {
    let user = server.create_user(json!({ "username": "ada" })).await;
    assert_eq!(server.get_user(user["id"].as_str().expect("an id")).await, user);
    let id = user["id"].as_str().expect("an id").to_owned();
    assert_eq!(server.events().await, [("user.created".to_owned(), id)]);
});
