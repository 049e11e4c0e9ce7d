//! Whatever an instance holds, it is the same at the new place: every answer, every secret.

use rand::prelude::*;
use rand::rngs::StdRng;
use rollbook_testkit::{Engine, Server, both};
use serde_json::{Value, json};

use super::population::{Made, populate};
use super::{exported, imported};
use crate::every_operation::{seen, seen_below};
use crate::second_factors::App;
use crate::session_tokens::token;
use crate::support::{PASSWORD, TOTP_SECRET, path};
use crate::world::World;

const N_USERS: usize = 12;

both!(an_instance_is_the_same_in_any_other_store, async |server| {
    let seed: u64 = rand::random();
    show(seed, server.engine());
    let mut rng = StdRng::seed_from_u64(seed);
    let world = World::make(server, server.client(), server.instance_id.as_str()).await;
    let made = populate(server, &mut rng, N_USERS).await;
    let mut tokens = Vec::new();
    for session in made.iter().filter_map(|user| user.session.as_deref()) {
        tokens.push((session, token(server, session, json!({})).await));
    }
    let (attempt, code) = code_on_its_way(server, &world).await;
    let jwks = server.client().get("/v1/jwks").send().await.body;
    let before = everything(&world, &made).await;
    let n_answers = before.iter().filter(|(asked, _)| asked.starts_with("200 ")).count();
    assert!(n_answers > 60 + N_USERS, "only {n_answers} answers: {before:#?}");
    let file = exported(server).await;
    assert_eq!(exported(server).await, file, "the same export twice");

    let lines = String::from_utf8_lossy(&file);
    let n_users = lines.lines().filter(|line| line.starts_with("{\"table\":\"users\"")).count();
    assert!(n_users > N_USERS, "only {n_users} users");
    let n_users = n_users as u64;

    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(elsewhere) = server.elsewhere(engine).await else { continue };
        let done = imported(&elsewhere, &file).await.expect("an import");
        assert_eq!(done.instance_id, server.instance_id);
        assert_eq!(done.rows["users"], n_users);
        // The export of the import first, for what follows changes something.
        let again = exported(&elsewhere).await;
        assert!(again == file, "{}", first_difference(&file, &again));
        let after = everything(&world.at(&elsewhere), &made).await;
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(before, after, "seed {seed}");
        }
        assert_eq!(before.len(), after.len());
        pictures_are_the_same(server, &elsewhere, &before).await;
        assert_eq!(elsewhere.client().get("/v1/jwks").send().await.body, jwks);
        secrets_open(&elsewhere, &world, &made).await;
        let proved = elsewhere.client().post(&attempt).json(code.clone()).send().await.ok();
        assert_eq!(proved["status"], "verified", "{proved}");
        for (session, token) in &tokens {
            let verify = elsewhere.client().post(&format!("/v1/sessions/{session}/verify"));
            assert_eq!(verify.json(json!({ "token": token })).send().await.ok()["id"], *session);
        }
        elsewhere.end().await;
    }
});

#[expect(clippy::print_stdout, reason = "what a failure is found again by")]
fn show(seed: u64, engine: Engine) {
    println!("on {engine:?} with seed {seed}");
}

async fn everything(world: &World, made: &[Made]) -> Vec<(String, String)> {
    let mut found = seen(world).await;
    for user in made {
        found.extend(seen_below(&world.with("user_id", &user.id), "user_id").await);
    }
    found
}

/// Every picture that an answer names.
async fn pictures_are_the_same(here: &Server, there: &Server, answers: &[(String, String)]) {
    let (here, there) = (here.client().with_token(None), there.client().with_token(None));
    let mut n_pictures = 0;
    for (_, answer) in answers {
        for rest in answer.split("/images/img_").skip(1) {
            let name = rest.split('"').next().expect("an end");
            let at = format!("/images/img_{name}");
            let (before, after) = (here.get(&at).send().await, there.get(&at).send().await);
            assert_eq!((before.status, after.status), (200, 200), "{at}");
            assert_eq!(before.body, after.body, "{at}");
            n_pictures += 1;
        }
    }
    assert!(n_pictures > 1, "{n_pictures} pictures");
}

/// Sends a code to the user of the world; answers where it is to be given, and what.
async fn code_on_its_way(server: &Server, world: &World) -> (String, Value) {
    let address = format!("/v1/email_addresses/{}", world.id("email_address_id"));
    // Later than every other mail of the world.
    server.clock.advance(1000);
    let sent = server.client().post(&format!("{address}/prepare_verification")).send().await.ok();
    let events = server.outbox().await;
    let mail = events.iter().rev().find(|event| event.kind == "email.created").expect("a mail");
    let mail: Value = serde_json::from_str(&mail.data).expect("JSON");
    let body = json!({ "verification_id": sent["id"], "code": mail["data"]["otp_code"] });
    (format!("{address}/attempt_verification"), body)
}

async fn secrets_open(server: &Server, world: &World, made: &[Made]) {
    let post = async |at: &str, body: Value| server.client().post(at).json(body).send().await;
    let app = App::new(TOTP_SECRET);
    let owner = world.id("user_id");
    let password = path(owner, "/verify_password");
    assert_eq!(post(&password, json!({ "password": PASSWORD })).await.status, 200);
    for user in made {
        if let Some(password) = user.password {
            let verify = path(&user.id, "/verify_password");
            let verified = post(&verify, json!({ "password": password })).await.ok();
            assert_eq!(verified["verified"], true);
        }
        let verify = path(&user.id, "/verify_totp");
        let is_right = async |code: String| post(&verify, json!({ "code": code })).await.ok();
        if user.has_totp {
            assert_eq!(is_right(app.code(server.clock.now())).await["code_type"], "totp");
        }
        if let Some(code) = user.backup_code {
            assert_eq!(is_right(code.to_owned()).await["code_type"], "backup_code");
        }
    }
}

/// For a message: the first line that differs.
fn first_difference(one: &[u8], other: &[u8]) -> String {
    let (one, other) = (String::from_utf8_lossy(one), String::from_utf8_lossy(other));
    let mut lines = one.lines().zip(other.lines());
    let differing = lines.find(|(one, other)| one != other);
    format!("{differing:#?} of {} and {} lines", one.lines().count(), other.lines().count())
}
