//! The users that every benchmark works with.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use anyhow::{Context, Result};
use bytes::Bytes;
use serde_json::json;

use crate::load::Until;
use crate::server::Server;

/// How many users `GET` picks from.
pub(crate) const HOT_USERS: usize = 10_000;

/// How many requests fill a store at once.
const FILLING: usize = 32;

/// The body that creates user `n`: two addresses, a phone number, a username
/// and three metadata objects.
pub(crate) fn new_user(n: usize, password: Option<&str>) -> String {
    let mut user = json!({
        "external_id": format!("customer-{n:08}"),
        "first_name": "Adelheid",
        "last_name": format!("Mustermann {n}"),
        "username": format!("adelheid_{n}"),
        "email_address": [format!("adelheid.{n}@example.com"), format!("a{n}@mail.example.org")],
        "phone_number": [format!("+1202555{:04}", n % 10_000)],
        "public_metadata": { "plan": "team", "seats": 25, "features": ["sso", "audit", "export"] },
        "private_metadata": { "crm": { "account": n, "owner": "eu-west", "score": 71.25 } },
        "unsafe_metadata": { "theme": "dark", "locale": "de-AT", "onboarding": { "step": 4 } },
    });
    if let (Some(password), Some(map)) = (password, user.as_object_mut()) {
        map.insert("password".to_owned(), password.into());
    }
    // The test numbers of the plan are only so many.
    if n >= 10_000
        && let Some(map) = user.as_object_mut()
    {
        map.remove("phone_number");
    }
    user.to_string()
}

/// Creates `count` users with a Google account each; answers their ids.
pub(crate) fn fill(server: &Server, count: usize) -> Result<Vec<String>> {
    let instance = instance(server)?;
    let ids: Rc<RefCell<Vec<String>>> = Rc::default();
    let found = Rc::clone(&ids);
    let requests: Vec<Bytes> =
        (0..count).map(|n| server.request("POST", "/v1/users", &new_user(n, None))).collect();
    server.load(FILLING).run(Until::Requests(count), each(requests), move |body| {
        found.borrow_mut().extend(id(body));
    })?;
    let ids = ids.take();
    let requests: Vec<Bytes> = ids
        .iter()
        .enumerate()
        .map(|(n, id)| {
            let path = format!("/admin/v1/instances/{instance}/users/{id}/external_accounts");
            server.operator("POST", &path, &google_account(n))
        })
        .collect();
    server.load(FILLING).run(Until::Requests(count), each(requests), |_| {})?;
    Ok(ids)
}

/// One request after the other.
pub(crate) fn each(requests: Vec<Bytes>) -> impl FnMut() -> Bytes {
    let mut requests = requests.into_iter();
    move || requests.next().unwrap_or_default()
}

/// `GET` of a random one of these users, over and over.
pub(crate) fn reads(server: &Server, ids: &[String]) -> impl FnMut() -> Bytes + 'static {
    let requests: Vec<Bytes> =
        ids.iter().map(|id| server.request("GET", &format!("/v1/users/{id}"), "")).collect();
    let state = Cell::new(0x9e37_79b9_7f4a_7c15_u64);
    move || {
        // xorshift64
        let mut x = state.get();
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        state.set(x);
        let at = usize::try_from(x >> 33).unwrap_or_default() % requests.len().max(1);
        requests.get(at).cloned().unwrap_or_default()
    }
}

fn google_account(n: usize) -> String {
    json!({
        "provider": "oauth_google",
        "provider_user_id": format!("1047{n:017}"),
        "approved_scopes": "email https://www.example.com/auth/userinfo.email openid profile",
        "email_address": format!("adelheid.{n}@example.com"),
        "first_name": "Adelheid",
        "last_name": format!("Mustermann {n}"),
        "image_url": format!("https://pictures.example.com/a/{n:032x}=s1000-c"),
    })
    .to_string()
}

fn instance(server: &Server) -> Result<String> {
    let list = server.load(1).ask(server.operator("GET", "/admin/v1/instances", ""))?;
    let list = String::from_utf8(list)?;
    let start = list.find("ins_").context("no instance")?;
    let id = list.get(start..).unwrap_or_default();
    Ok(id.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect())
}

/// The id at the front of a user's body.
pub(crate) fn id(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body.strip_prefix(br#"{"id":""#)?).ok()?;
    Some(text.split_once('"')?.0.to_owned())
}
