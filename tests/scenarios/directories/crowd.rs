//! Users whose names, addresses and times are often alike, and what happens to them.

use rollbook_domain::{Membership, Metadata, Organization, User};
use rollbook_store::{Conn, Result, memberships, organizations, sessions, users};
use rollbook_wire::Id;
use serde_json::{Value, json};

use crate::users_list::Rng;

/// Many scripts, accents in both forms, letters without a twin in the other case, what SQL's
/// LIKE reads as a pattern, and texts of which one begins another.
const NAMES: [&str; 18] = [
    "Ada",
    "ada",
    "ADA",
    "Adam",
    "Émile",
    "e\u{301}mile",
    "İpek",
    "Straße",
    "ẞ",
    "Ольга",
    "李雷",
    "أحمد",
    "𝒜da",
    "100%",
    "a_b",
    "O'Neil",
    "back\\slash",
    "Wolfeschlegelsteinhausenbergerdorff",
];

const DOMAINS: [&str; 3] = ["example.com", "example.org", "bücher.example"];

const PROVIDERS: [&str; 2] = ["oauth_google", "oauth_github"];

const N_ORGANIZATIONS: usize = 4;

/// Times are chosen from few, so that many are equal.
const N_TIMES: usize = 60;

/// Those who are there now.
#[derive(Default)]
pub(super) struct Crowd {
    /// Tells its users from another crowd's.
    pub(super) name: &'static str,
    pub(super) people: Vec<(usize, User)>,
    n_made: usize,
}

/// What a transaction does to a user.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Found(Box<Organization>),
    Add(Box<User>),
    Save(Box<User>),
    Delete(Id),
    Active(Id, i64),
    SignIn(Id, i64),
    Join(Box<Membership>),
    Leave(Id, Id),
}

impl Step {
    pub(super) fn take(&self, tx: &mut Conn<'_>, instance: &Id) -> Result<()> {
        match self {
            Self::Found(organization) => {
                assert!(organizations::insert(tx, instance, organization, None)?, "a free slug");
            }
            Self::Add(user) => users::insert(tx, instance, user)?.expect("unique values"),
            Self::Save(user) => {
                let before = users::lock(tx, instance, &user.id)?.expect("someone known");
                users::save(tx, instance, &before, user)?.expect("unique values");
            }
            Self::Delete(id) => {
                memberships::delete_of_user(tx, instance, id)?;
                users::delete(tx, instance, id)?;
            }
            Self::Active(id, at) => {
                sessions::note_activity(tx, instance, id, *at)?;
            }
            Self::SignIn(id, at) => sessions::note_sign_in(tx, instance, id, *at)?,
            Self::Join(membership) => {
                memberships::insert(tx, instance, membership)?;
            }
            Self::Leave(organization, id) => memberships::delete(tx, instance, organization, id)?,
        }
        Ok(())
    }
}

impl Crowd {
    pub(super) fn named(name: &'static str) -> Self {
        Self { name, ..Self::default() }
    }

    /// The organizations that all crowds join.
    pub(super) fn organizations() -> Vec<Step> {
        let organization = |n| {
            json!({
                "id": organization_id(n), "name": "Acme", "slug": format!("acme-{n}"),
                "max_allowed_memberships": 0, "admin_delete_enabled": true,
                "created_at": 1, "updated_at": 1,
            })
        };
        (0..N_ORGANIZATIONS).map(|n| Step::Found(Box::new(read(organization(n))))).collect()
    }

    /// Somebody new.
    pub(super) fn newcomer(&mut self, rng: &mut Rng) -> Step {
        let n = self.n_made;
        self.n_made += 1;
        let user: User = read(body(self.name, n, rng));
        self.people.push((n, user.clone()));
        Step::Add(Box::new(user))
    }

    /// Whatever happens next.
    pub(super) fn step(&mut self, rng: &mut Rng) -> Step {
        if rng.one_in(8) {
            return self.newcomer(rng);
        }
        let place = rng.below(self.people.len());
        let (n, id) = (self.people[place].0, self.people[place].1.id.clone());
        let organization = || organization_id(n % N_ORGANIZATIONS).parse().expect("an id");
        match rng.below(10) {
            0..4 => {
                let user: User = read(body(self.name, n, rng));
                self.people[place].1 = user.clone();
                Step::Save(Box::new(user))
            }
            4 => {
                self.people.swap_remove(place);
                Step::Delete(id)
            }
            5 => Step::Active(id, rng.number(N_TIMES)),
            6 => Step::SignIn(id, rng.number(N_TIMES)),
            7 => Step::Leave(organization(), id),
            _ => Step::Join(Box::new(Membership {
                id: format!("orgmem_{}{n}", self.name).parse().expect("an id"),
                organization_id: organization(),
                user_id: id,
                role: "org:member".to_owned(),
                public_metadata: Metadata::default(),
                private_metadata: Metadata::default(),
                created_at: 1,
                updated_at: 1,
            })),
        }
    }
}

pub(super) fn time(rng: &mut Rng) -> i64 {
    rng.number(N_TIMES)
}

pub(super) fn organization(rng: &mut Rng) -> String {
    organization_id(rng.below(N_ORGANIZATIONS))
}

pub(super) fn provider(rng: &mut Rng) -> &'static str {
    rng.pick(&PROVIDERS)
}

fn organization_id(n: usize) -> String {
    format!("org_{n}")
}

fn read<T: serde::de::DeserializeOwned>(body: Value) -> T {
    serde_json::from_value(body).expect("a record")
}

/// The `n`th user of a crowd; what is unique has its number in it, the rest is chance.
fn body(crowd: &str, n: usize, rng: &mut Rng) -> Value {
    let key = format!("{crowd}{n}");
    let maybe = |rng: &mut Rng, value: String| if rng.one_in(3) { None } else { Some(value) };
    let (first_name, last_name) = (rng.pick(&NAMES).to_owned(), rng.pick(&NAMES).to_owned());
    let identified = |of: &str, value: String, proof: &str| {
        json!({
            "id": format!("idn_{key}{of}"), "value": value, "proof": proof,
            "created_at": 1, "updated_at": 1,
        })
    };
    let mut emails = Vec::new();
    for at in 0..rng.below(3) {
        let domain = rng.pick(&DOMAINS);
        emails.push(identified(&format!("e{at}"), format!("{at}ada{key}@{domain}"), "admin"));
    }
    if rng.one_in(5) {
        // Anyone may claim it.
        emails.push(identified("u", "shared@example.com".to_owned(), "unverified"));
    }
    let mut phones = Vec::new();
    let mut wallets = Vec::new();
    if rng.one_in(2) {
        let area = if crowd == "b" { 2 } else { 1 };
        phones.push(identified("p", format!("+155{area}55{n:05}"), "admin"));
    }
    if rng.one_in(4) {
        let digit = if crowd == "b" { 'b' } else { 'a' };
        wallets.push(identified("w", format!("0x{digit}{:039x}", n * 7919), "admin"));
    }
    let mut accounts = Vec::new();
    if rng.one_in(3) {
        accounts.push(json!({
            "id": format!("eac_{key}"), "identification_id": format!("idn_{key}x"),
            "provider": provider(rng), "provider_user_id": format!("p{key}"),
            "created_at": 1, "updated_at": 1,
        }));
    }
    let primary = |all: &[Value], rng: &mut Rng| {
        (!all.is_empty()).then(|| all[rng.below(all.len())]["id"].clone())
    };
    json!({
        "id": format!("user_{}{key}", prefix(n)),
        "external_id": n.is_multiple_of(3).then(|| format!("ext-{key}")),
        "username": maybe(rng, format!("{}{key}", ["ada", "bob", "c_"][n % 3])),
        "first_name": maybe(rng, first_name),
        "last_name": maybe(rng, last_name),
        "primary_email_address_id": primary(&emails, rng),
        "primary_phone_number_id": primary(&phones, rng),
        "primary_web3_wallet_id": primary(&wallets, rng),
        "email_addresses": emails,
        "phone_numbers": phones,
        "web3_wallets": wallets,
        "external_accounts": accounts,
        "banned": rng.one_in(5),
        "delete_self_enabled": true,
        "create_organization_enabled": true,
        "created_at": time(rng),
        "updated_at": time(rng),
    })
}

/// So that ids are not in the order of their making; of the letters, capitals come first.
fn prefix(n: usize) -> String {
    format!("{}{}", ["a", "Z", "m", "B"][n % 4], (n * 7) % 100)
}
