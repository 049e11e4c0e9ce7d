//! A million people, one line of JSON each, in the shape of `POST /v1/users`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::json;

/// A bcrypt digest of cost 10; nobody signs in here.
const DIGEST: &str = "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy";

const FIRST: [&str; 16] = [
    "Adelheid",
    "Bo",
    "Chiara",
    "Dmitri",
    "Élodie",
    "Fatima",
    "Gregor",
    "Hanako",
    "Ifeoma",
    "Joaquín",
    "Katarzyna",
    "Liam",
    "Müge",
    "Noor",
    "Øyvind",
    "Priya",
];

const LAST: [&str; 16] = [
    "Mustermann",
    "Nguyen",
    "Okafor",
    "Petrov",
    "Quispe",
    "Rossi",
    "Suzuki",
    "Tanaka",
    "Ünal",
    "Vargas",
    "Weber",
    "Xu",
    "Yoshida",
    "Zieliński",
    "Åberg",
    "Haddad",
];

const HOSTS: [&str; 5] =
    ["gmail.com", "example.com", "example.org", "mail.example.net", "gmail.com"];

/// 2021-01-01; users come ten seconds after each other.
const BEGINNING: i64 = 1_609_459_200;

/// Writes `count` people, always the same ones.
pub(crate) fn write(path: &Path, count: usize) -> Result<()> {
    let mut file = BufWriter::new(File::create(path).context("failed to make the people")?);
    for n in 0..count {
        serde_json::to_writer(&mut file, &person(n)?)?;
        file.write_all(b"\n")?;
    }
    file.flush().context("failed to write the people")
}

/// What identifies person `n`: an address of theirs.
pub(crate) fn address(n: usize) -> String {
    let noise = mix(n);
    let first = pick(&FIRST, noise).to_lowercase();
    let host = pick(&HOSTS, noise >> 16);
    // Letters beyond ASCII are for names; addresses keep to what mail takes everywhere.
    let first: String = first.chars().filter(char::is_ascii_alphabetic).collect();
    format!("{first}.{n}@{host}")
}

fn person(n: usize) -> Result<serde_json::Value> {
    let noise = mix(n);
    let created = BEGINNING + 10 * i64::try_from(n)?;
    let created = jiff::Timestamp::from_second(created)?.to_string();
    let mut person = json!({
        "external_id": format!("customer-{n:08}"),
        "first_name": pick(&FIRST, noise),
        "last_name": pick(&LAST, noise >> 8),
        "email_address": [address(n), format!("p{n}@private.example.com")],
        "phone_number": [format!("+49151{:08}", n % 100_000_000)],
        "password_digest": DIGEST,
        "password_hasher": "bcrypt",
        "public_metadata": { "plan": "team", "seats": noise % 100 },
        "private_metadata": { "crm": { "account": n, "owner": "eu-west" } },
        "unsafe_metadata": { "theme": "dark", "onboarding": { "step": noise % 7 } },
        "created_at": created,
    });
    // Seven of ten have a name to sign in with.
    if noise % 10 < 7
        && let Some(map) = person.as_object_mut()
    {
        map.insert("username".to_owned(), format!("user_{:x}_{n}", noise & 0xffff).into());
    }
    Ok(person)
}

fn pick<'a>(from: &[&'a str], noise: u64) -> &'a str {
    let at = usize::try_from(noise & 0xff).unwrap_or_default() % from.len().max(1);
    from.get(at).copied().unwrap_or_default()
}

/// splitmix64
fn mix(n: usize) -> u64 {
    let mut z = (n as u64).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
