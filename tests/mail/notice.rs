//! A server in this process with one notice in its queue.

use rollbook_mail::Mailer;
use rollbook_testkit::{Engine, Server};
use rollbook_worker::deliver;
use serde_json::{Value, json};

/// Whom the notice goes to.
pub(crate) const TO: &str = "ada@example.com";

/// The address that the notice tells of.
pub(crate) const NEW: &str = "lovelace@example.com";

/// A server where the primary address of a user has just changed; the engine
/// makes no difference to a mailer.
pub(crate) async fn server() -> Server {
    let server = Server::start(Engine::Sqlite).await.expect("the embedded engine");
    notice(&server).await;
    server
}

/// Creates a user and changes its primary address.
pub(crate) async fn notice(server: &Server) {
    let user = server.create_user(json!({ "email_address": [TO, NEW] })).await;
    let path = format!("/v1/users/{}", user["id"].as_str().expect("an id"));
    let body = json!({
        "primary_email_address_id": user["email_addresses"][1]["id"],
        "notify_primary_email_address_changed": true,
    });
    server.client().patch(&path).json(body).send().await.ok();
}

/// The one mail as an operator sees it.
pub(crate) async fn seen(server: &Server) -> Value {
    let path = format!("/admin/v1/instances/{}/mailbox", server.instance_id);
    let list = server.operator().get(&path).send().await.ok();
    assert_eq!(list["total_count"], 1, "{list}");
    list["data"][0].clone()
}

/// Sends what is due; how much that was.
pub(crate) async fn sent(server: &Server, mailer: &Mailer) -> usize {
    deliver(&server.ctx, mailer).await.expect("a store that works")
}

/// Status, attempts and error of the one mail.
pub(crate) async fn state(server: &Server) -> (String, i64, String) {
    let mail = seen(server).await;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&mail["status"]), mail["attempts"].as_i64().expect("a number"), text(&mail["last_error"]))
}
