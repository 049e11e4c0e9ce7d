//! Webhooks: who hears of what, in which order, and what becomes of failures.

mod delivery;
mod endpoints;
mod log;
mod receiver;

use rollbook_testkit::Server;
use serde_json::{Value, json};

use self::receiver::Receiver;
use crate::support::{id, path};

/// A path below the endpoints of the server's instance.
fn at(server: &Server, below: &str) -> String {
    format!("/admin/v1/instances/{}/webhook_endpoints{below}", server.instance_id)
}

/// An endpoint of this receiver; `more` adds to its members.
async fn endpoint(server: &Server, receiver: &Receiver, more: Value) -> Value {
    let mut body = json!({ "url": receiver.url });
    if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
        body.extend(more);
    }
    server.operator().post(&at(server, "")).json(body).send().await.ok()
}

/// Has all sent that is due; answers how many attempts were made.
async fn deliver(server: &Server) -> usize {
    rollbook_worker::deliver_webhooks(&server.ctx, &server.instance_id).await.expect("a round")
}

/// Gives the user a first name.
async fn rename(server: &Server, user: &str, name: &str) {
    let body = json!({ "first_name": name });
    server.client().patch(&path(user, "")).json(body).send().await.ok();
}

/// The endpoint as it is now.
async fn now(server: &Server, endpoint: &Value) -> Value {
    server.operator().get(&at(server, &format!("/{}", id(endpoint)))).send().await.ok()
}

/// The messages of an endpoint, newest first.
async fn messages(server: &Server, endpoint: &Value, query: &str) -> Vec<Value> {
    let path = at(server, &format!("/{}/messages?limit=500{query}", id(endpoint)));
    let page = server.operator().get(&path).send().await.ok();
    page["data"].as_array().expect("an array").clone()
}
