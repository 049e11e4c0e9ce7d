//! Sixty users who differ in everything that a list looks at.

use std::collections::{BTreeMap, BTreeSet};

use rollbook_testkit::Server;
use serde_json::{Value, json};

use super::model::Rng;
use crate::support::{connect, id, join, signed_in_at};

const FIRST: [&str; 12] = [
    "Ada",
    "ada",
    "ADA",
    "\u{c9}mile",
    "\u{e9}mile",
    "Emile",
    "100%",
    "a_b",
    "O'Neil",
    "\u{212A}elvin",
    "kelvin",
    "Zo\\e",
];
const LAST: [&str; 8] =
    ["Lovelace", "lovelace", "Hopper", "van Rossum", "_", "%", "Ma\u{df}", "\u{674e}"];
pub(super) const ORGANIZATIONS: [&str; 3] = ["org_a", "org_b", "org_c"];

/// The users as the API shows them, and what it does not show.
pub(super) struct People {
    pub(super) all: Vec<Value>,
    pub(super) memberships: BTreeMap<&'static str, BTreeSet<String>>,
}

impl People {
    pub(super) async fn populate(server: &Server) -> Self {
        let mut rng = Rng::new(42);
        let mut memberships: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
        let mut all = Vec::new();
        for n in 0..60 {
            let user = id(&server.create_user(body(n, &mut rng)).await);
            // Many are created at the same millisecond, so that ids break the tie.
            if rng.one_in(3) {
                server.clock.advance(1 + rng.number(5000));
            }
            for organization in ORGANIZATIONS {
                if rng.one_in(4) {
                    join(server, organization, &user).await;
                    memberships.entry(organization).or_default().insert(user.clone());
                }
            }
            if rng.one_in(5) {
                let provider = rng.pick(&["oauth_google", "oauth_custom_acme"]);
                connect(server, &user, provider, &format!("p-{}", n / 2)).await;
            }
            if rng.one_in(2) {
                // Coarse times, so that some are the same.
                let at = server.clock.now() + 1000 * rng.number(10);
                signed_in_at(server, &user, at).await;
            }
            all.push(user);
        }
        let mut people = Self { all: Vec::new(), memberships };
        for user in all {
            people.all.push(server.get_user(&user).await);
        }
        people
    }
}

fn body(n: u32, rng: &mut Rng) -> Value {
    let mut body = json!({ "banned": rng.one_in(4) });
    let mut set = |name: &str, value: Value| body[name] = value;
    if rng.one_in(2) {
        set("first_name", json!(rng.pick(&FIRST)));
    }
    if rng.one_in(2) {
        set("last_name", json!(rng.pick(&LAST)));
    }
    if rng.one_in(2) {
        set("external_id", json!(format!("{}-crm_{n}", rng.pick(&["A", "a", "%"]))));
    }
    let mut identified = false;
    if rng.one_in(2) {
        set("username", json!(format!("{}_{n}", rng.pick(&["Ada", "k-elvin", "zoe"]))));
        identified = true;
    }
    if rng.one_in(2) {
        let address = format!("+155555501{n:02}");
        set("phone_number", json!([address, format!("+44207946{:04}", 1000 + n)]));
        set(
            "phone_number_identification_status",
            json!([rng.pick(&["verified", "reserved"]), "verified"]),
        );
        identified = true;
    }
    if rng.one_in(3) {
        set("web3_wallet", json!([format!("0x{:040x}", 0xabc_def0_u64 * u64::from(n + 1))]));
        identified = true;
    }
    if !identified || rng.one_in(2) {
        let local = rng.pick(&["ada", "b_c", "100%off", "\u{e9}mile"]);
        let first = format!("{local}{n}@example.com");
        set("email_address", json!([first, format!("{n}@b\u{fc}cher.example")]));
    }
    if rng.one_in(4) {
        set("created_at", json!(format!("2025-0{}-01T00:00:00Z", 1 + rng.number(3))));
    }
    body
}
