//! A random population, made through the API.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::prelude::*;
use rand::rngs::StdRng;
use rollbook_testkit::Server;
use serde_json::{Value, json};

use crate::imported_passwords::{DIGESTS, SECRET};
use crate::support::{PASSWORD, TOTP_SECRET, connect_with, id, path, picture, sign_in};

/// A user that was made, and what opens it.
pub(super) struct Made {
    pub(super) id: String,
    pub(super) password: Option<&'static str>,
    pub(super) has_totp: bool,
    pub(super) backup_code: Option<&'static str>,
    pub(super) session: Option<String>,
}

/// Makes `n` users who have nothing in common.
pub(super) async fn populate(server: &Server, rng: &mut StdRng, n: usize) -> Vec<Made> {
    let mut made = Vec::new();
    for number in 0..n {
        made.push(user(server, rng, number).await);
    }
    made
}

async fn user(server: &Server, rng: &mut StdRng, number: usize) -> Made {
    server.clock.advance(rng.random_range(0..90_000));
    let mut body = json!({ "username": format!("someone_{number}_else") });
    let mut made = Made {
        id: String::new(),
        password: None,
        has_totp: rng.random_bool(0.5),
        backup_code: None,
        session: None,
    };
    let addresses = 0..rng.random_range(0..3);
    body["email_address"] = addresses.map(|n| json!(format!("{number}.{n}@example.org"))).collect();
    if rng.random_bool(0.4) {
        body["phone_number"] = json!([format!("+155555501{:02}", number + 10)]);
    }
    if rng.random_bool(0.5) {
        body["external_id"] = json!(format!("crm/{number}-é"));
        body["first_name"] = json!("Zoë \u{1f980}");
    }
    if rng.random_bool(0.5) {
        body["last_name"] = json!("Ødegård \"von\" Straße");
    }
    match rng.random_range(0..4) {
        0 => {}
        1 => (made.password, body["password"]) = (Some(PASSWORD), json!(PASSWORD)),
        _ => {
            let (hasher, digest) = DIGESTS.choose(rng).expect("a digest");
            made.password = Some(SECRET);
            (body["password_hasher"], body["password_digest"]) = (json!(hasher), json!(digest));
        }
    }
    if made.has_totp {
        body["totp_secret"] = json!(TOTP_SECRET);
        made.backup_code = rng.random_bool(0.6).then_some("a backup code of theirs");
    }
    if let Some(code) = made.backup_code {
        body["backup_codes"] = json!([code, format!("{number}-other-code")]);
    }
    for kind in ["public_metadata", "private_metadata", "unsafe_metadata"] {
        body[kind] = json!({ "a": value(rng, 0), "ключ": value(rng, 0), "z": 1.50 });
    }
    made.id = id(&server.create_user(body).await);
    furnish(server, rng, &mut made).await;
    made
}

/// What comes after the creation.
async fn furnish(server: &Server, rng: &mut StdRng, made: &mut Made) {
    let user = made.id.as_str();
    let at = format!("/admin/v1/instances/{}/users/{user}", server.instance_id);
    let post = |path: &str| server.client().post(path);
    if rng.random_bool(0.4) {
        let format =
            if rng.random_bool(0.5) { image::ImageFormat::Png } else { image::ImageFormat::Jpeg };
        let upload = post(&path(user, "/profile_image"));
        upload.file("file", &picture(rng.random_range(4..40), 9, format)).send().await.ok();
    }
    if rng.random_bool(0.5) {
        let account = json!({
            "provider_user_id": format!("g-{user}"), "access_token": format!("token-{user}"),
        });
        connect_with(server, user, account).await;
    }
    if rng.random_bool(0.4) {
        // A point of P-256 whose key nobody needs: the generator (SEC 2, 2.4.2).
        let key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li_hp_m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q";
        let credential = URL_SAFE_NO_PAD.encode(rng.random::<[u8; 16]>());
        let passkey = json!({ "credential_id": credential, "public_key": key });
        server.operator().post(&format!("{at}/passkeys")).json(passkey).send().await.ok();
    }
    for _ in 0..rng.random_range(0..3) {
        made.session = Some(sign_in(server, user).await);
    }
    if rng.random_bool(0.3) {
        let ticket = json!({ "user_id": user });
        post("/v1/sign_in_tokens").json(ticket).send().await.ok();
    }
    if rng.random_bool(0.4) {
        let body = json!({ "name": format!("Of {user}"), "created_by": user, "public_metadata": { "a": value(rng, 0) } });
        let organization = id(&post("/v1/organizations").json(body).send().await.ok());
        let invitation = json!({
            "email_address": format!("guest.{}@example.net", rng.random_range(0..1000)),
            "role": "org:member", "inviter_user_id": user,
        });
        let invitations = format!("/v1/organizations/{organization}/invitations");
        post(&invitations).json(invitation).send().await.ok();
    }
    match rng.random_range(0..6) {
        0 => {
            post(&path(user, "/ban")).send().await.ok();
            made.session = None;
        }
        1 => {
            post(&path(user, "/lock")).send().await.ok();
            // Nothing opens one that is locked.
            (made.password, made.has_totp, made.backup_code) = (None, false, None);
        }
        _ => {}
    }
}

/// JSON of any kind, three levels deep at most.
fn value(rng: &mut StdRng, depth: usize) -> Value {
    match rng.random_range(0..if depth < 3 { 8 } else { 6 }) {
        0 => Value::Null,
        1 => json!(rng.random_bool(0.5)),
        2 => json!(rng.random::<i64>()),
        3 => json!(rng.random::<f64>()),
        4 => json!("a\n\"b\" \\ \u{2028}\u{1f469}\u{200d}\u{1f680}"),
        5 => json!(""),
        6 => (0..rng.random_range(0..3)).map(|_| value(rng, depth + 1)).collect(),
        _ => {
            let members = 0..rng.random_range(0..3);
            Value::Object(members.map(|n| (format!("k{n}"), value(rng, depth + 1))).collect())
        }
    }
}
