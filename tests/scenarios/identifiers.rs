//! What leads to a user leads to one user, however it is spelled and whoever races.

use rollbook_testkit::{Client, Engine, Reply, Server, both};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{id, ids};

/// Two spellings each of one identifier, and the parameter's name.
const ALIKE: [(&str, &str, &str); 12] = [
    ("email_address", "ada@example.com", "ADA@Example.com"),
    ("email_address", "a@b\u{fc}cher.example", "a@xn--bcher-kva.example"),
    ("email_address", "a@B\u{dc}CHER.example", "A@XN--BCHER-KVA.EXAMPLE"),
    ("email_address", "\u{e9}mile@example.com", "\u{c9}MILE@EXAMPLE.COM"),
    ("phone_number", "+15555550100", "+1 (555) 555-0100"),
    ("phone_number", "+442079460958", "+44 20.7946.0958"),
    (
        "web3_wallet",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
    ),
    (
        "web3_wallet",
        "0xFB6916095CA1DF60BB79CE92CE3EA74C37C5D359",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    ),
    (
        "web3_wallet",
        "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
        "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
    ),
    ("username", "ada_lovelace", "ADA_Lovelace"),
    ("username", "k-elvin", "K-ELVIN"),
    ("external_id", "crm-7", "crm-7"),
];

/// Two that look alike and are two all the same.
const APART: [(&str, &str, &str); 6] = [
    ("email_address", "kelvin@example.com", "\u{212A}elvin@example.com"),
    ("email_address", "ada@example.com", "ada+1@example.com"),
    ("email_address", "a.da@example.com", "a-da@example.com"),
    ("email_address", "\u{212B}sa@example.com", "\u{e5}sa@example.com"),
    ("external_id", "crm-7", "CRM-7"),
    ("username", "ada-lovelace", "ada_lovelace"),
];

fn body(name: &str, value: &str) -> Value {
    match name {
        "username" => json!({ name: value }),
        "external_id" => json!({ name: value, "web3_wallet": [wallet(value)] }),
        _ => json!({ name: [value] }),
    }
}

/// Some wallet, another for another text.
fn wallet(text: &str) -> String {
    static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let n = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    format!("0x{:040x}", (u64::from(n) << 16) + text.len() as u64)
}

both!(two_spellings_of_one_identifier_are_one, async |server| {
    let client = server.client();
    for (name, one, other) in ALIKE {
        let user = server.create_user(body(name, one)).await;
        for taken in [one, other] {
            let reply = client.post("/v1/users").json(body(name, taken)).send().await;
            reply.refused(422, &[("form_identifier_exists", name)]);
        }
        // Each spelling finds the one user.
        for wanted in [one, other] {
            let found = client.get("/v1/users").query(name, wanted).send().await.ok();
            assert_eq!(found, json!([user]), "{wanted}");
        }
        client.delete(&format!("/v1/users/{}", id(&user))).send().await.ok();
    }
});

both!(identifiers_that_differ_in_a_character_are_two, async |server| {
    let client = server.client();
    for (name, one, other) in APART {
        let first = server.create_user(body(name, one)).await;
        let second = server.create_user(body(name, other)).await;
        for (wanted, user) in [(one, &first), (other, &second)] {
            let found = client.get("/v1/users").query(name, wanted).send().await.ok();
            assert_eq!(found, json!([user]), "{wanted}");
        }
        for user in [first, second] {
            client.delete(&format!("/v1/users/{}", id(&user))).send().await.ok();
        }
    }
});

both!(a_domain_that_idna_would_map_to_another_is_refused, async |server| {
    for domain in
        ["\u{212A}elvin.example", "\u{ff45}xample.com", "exa\u{ad}mple.com", "\u{2460}.example"]
    {
        let body = body("email_address", &format!("a@{domain}"));
        let reply = server.client().post("/v1/users").json(body).send().await;
        reply.refused(422, &[("form_param_format_invalid", "email_address")]);
    }
});

both!(the_same_value_may_be_two_kinds_of_identifier, async |server| {
    server.create_user(json!({ "username": "adaada", "external_id": "adaada" })).await;
    server.create_user(json!({ "username": "bobbob", "external_id": "bobbob" })).await;
    let client = server.client();
    for name in ["username", "external_id"] {
        let found = client.get("/v1/users").query(name, "adaada").send().await.ok();
        assert_eq!(found.as_array().expect("an array").len(), 1);
    }
});

/// Sends the bodies at once, turn by turn to each client.
async fn race(clients: &[Client], bodies: Vec<Value>) -> Vec<Reply> {
    let mut racing = JoinSet::new();
    for (body, client) in bodies.into_iter().zip(clients.iter().cycle()) {
        let call = client.post("/v1/users").json(body);
        racing.spawn(call.send());
    }
    racing.join_all().await
}

/// Exactly one of `n` creations of one email succeeds; nothing of the others is left.
async fn one_wins(server: &Server, clients: &[Client], n: usize) {
    let email = format!("race-{n}@example.com");
    let spelling =
        |k: usize| if k.is_multiple_of(2) { email.clone() } else { email.to_uppercase() };
    let bodies = (0..n)
        .map(|k| json!({ "email_address": [spelling(k)], "username": format!("racer_{n}_{k}") }))
        .collect();
    let replies = race(clients, bodies).await;
    let (won, lost): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| reply.status == 200);
    assert_eq!(won.len(), 1, "{replies:?}");
    for reply in lost {
        reply.refused(422, &[("form_identifier_exists", "email_address")]);
    }
    let winner = won[0].ok();
    let client = server.client();
    let found = client.get("/v1/users").query("query", format!("racer_{n}_")).send().await.ok();
    // Not the whole bodies: each server names its own address in them.
    assert_eq!(ids(&found), [id(&winner)]);
    // The losers' other identifiers are free.
    for k in 0..n {
        let username = format!("racer_{n}_{k}");
        if winner["username"] != username {
            server.create_user(json!({ "username": username })).await;
        }
    }
    let created = server.events().await.iter().filter(|(_, id)| winner["id"] == **id).count();
    assert_eq!(created, 1);
}

both!(of_concurrent_creates_of_one_email_exactly_one_succeeds, async |server| {
    for n in [2, 16] {
        one_wins(server, &[server.client()], n).await;
    }
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_concurrent_creates_on_two_servers_exactly_one_succeeds() {
    let Some(server) = Server::start(Engine::Postgres).await else { return };
    let second = server.second().await;
    for n in [2, 16] {
        one_wins(&server, &[server.client(), second.client()], n).await;
    }
    let mut second = second;
    second.stop().await;
    server.end().await;
}

both!(creates_that_want_each_others_identifiers_neither_hang_nor_both_succeed, async |server| {
    for round in 0..8 {
        let [a, b] = ["a", "b"].map(|who| format!("{who}-{round}@example.com"));
        let bodies = vec![json!({ "email_address": [a, b] }), json!({ "email_address": [b, a] })];
        let replies = race(&[server.client()], bodies).await;
        let won = replies.iter().filter(|reply| reply.status == 200).count();
        assert_eq!(won, 1, "{replies:?}");
    }
});
