//! Random sequences of operations, every answer held against a small model.

#![expect(clippy::print_stdout, reason = "the way to a failure, shown with it alone")]

use std::collections::{BTreeMap, BTreeSet};

use rand::prelude::*;
use rand::rngs::StdRng;
use rollbook_testkit::{Engine, Server, both};
use serde_json::{Value, json};

use super::authenticator::{App, STEP};
use super::{factors, reserve_phone, verified_as, verify};
use crate::support::{id, number, path};

const SECRETS: [&str; 3] =
    ["JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "ONUXQ5DFMVXCAYTZORSSA23FPE", "MFRGGZDFMY"];

/// Backup codes with a bcrypt digest of each, by the bcrypt package of Python.
const CODES: [(&str, &str); 6] = [
    ("kbdnh3wq", "$2b$04$9d.YNxiO/7HGqg2bgjN3OOT8Lvn2PTDYMpWSFeurLqHwOWCdtxL6e"),
    ("mz4ypu7c", "$2y$04$fQf3R5Ulzkn9ljUQGvVrmuq2HySFyiif.avqxcpQoiywtD33OmGFG"),
    ("246810", "$2b$04$NyfnC8iznTbH/t/SeHcUEevivXKrW0372p9w3Np9AQe5qeJ/1/js."),
    ("1234", "$2b$04$fu2KO20vfkDsXwka6Dtfl.zQi6MYu4XnsQrshwys.KtJwn2dEBQxu"),
    ("tiger lily", "$2y$04$UvUByqZ2wwV1F1oiyOY3Lute66sXkoLQ0/hbaLIEJ3x4FRwXnvtwa"),
    ("q7-wx-93", "$2b$04$yUq5rab1Ko/BtJ6/wDsD4unBzldpFNBGxRfdB1EoU3kTfj7J7rhse"),
];

/// Texts that are no code, of every kind that is told apart.
const NO_CODES: [&str; 6] = ["", "12345", "1234567", "nonsense", "KBDNH3WQ", "24681O"];

type Refusal = (u16, &'static str, &'static str);

/// What a user's second factors should be.
#[derive(Debug, Clone, Default, PartialEq)]
struct Model {
    secret: Option<&'static str>,
    used_steps: BTreeSet<i64>,
    codes: BTreeSet<&'static str>,
    phone: bool,
    enabled_at: Option<i64>,
    disabled_at: Option<i64>,
}

impl Model {
    fn is_on(&self) -> bool {
        self.secret.is_some() || self.phone
    }

    /// Runs a step and notes when second factors went on or off.
    fn step<T>(&mut self, now: i64, step: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.is_on();
        let done = step(self);
        match (before, self.is_on()) {
            (false, true) => self.enabled_at = Some(now),
            (true, false) => self.disabled_at = Some(now),
            _ => {}
        }
        done
    }

    fn set(&mut self, secret: Option<&'static str>, codes: Option<BTreeSet<&'static str>>) {
        if secret.is_some() {
            self.secret = secret;
            self.used_steps.clear();
        }
        if let Some(codes) = codes {
            self.codes = codes;
        }
    }

    fn verify(&mut self, code: &str, now: i64) -> Result<&'static str, Refusal> {
        let secret = self.secret.ok_or((400, "totp_disabled", ""))?;
        let app = App::new(secret);
        let step = [0, -1, 1].map(|n| now + n * STEP).into_iter().find(|at| app.code(*at) == code);
        if let Some(at) = step
            && self.used_steps.insert(at.div_euclid(STEP))
        {
            return Ok("totp");
        }
        let n_codes = self.codes.len();
        self.codes.retain(|own| *own != code);
        if self.codes.len() < n_codes {
            return Ok("backup_code");
        }
        let digits = code.bytes().all(|byte| byte.is_ascii_digit());
        let may_be_one = match code.len() {
            6 if digits => true,
            0..6 if digits => false,
            _ => n_codes > 0,
        };
        let name = if may_be_one { "totp_incorrect_code" } else { "totp_invalid_length" };
        Err((422, name, "code"))
    }

    fn delete_totp(&mut self) {
        if self.secret.take().is_some() {
            self.used_steps.clear();
            if !self.is_on() {
                self.codes.clear();
            }
        }
    }

    fn disable(&mut self) {
        self.delete_totp();
        self.codes.clear();
        self.phone = false;
    }

    fn factors(&self) -> Value {
        json!({
            "two_factor_enabled": self.is_on(),
            "totp_enabled": self.secret.is_some(),
            "backup_code_enabled": !self.codes.is_empty(),
            "mfa_enabled_at": self.enabled_at,
            "mfa_disabled_at": self.disabled_at,
            "phone": self.phone,
        })
    }
}

/// One user's way through random operations.
struct Walk<'a> {
    server: &'a mut Server,
    random: StdRng,
    user: String,
    model: Model,
    /// The user's last body.
    body: Value,
    /// Codes that were right once, to be tried again.
    old: Vec<String>,
    n_updates: usize,
    /// What happened how often, so that a walk past everything shows.
    tally: &'a mut BTreeMap<String, usize>,
}

impl<'a> Walk<'a> {
    async fn begin(
        server: &'a mut Server,
        seed: u64,
        tally: &'a mut BTreeMap<String, usize>,
    ) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let (secret, codes, texts) = random_secrets(&mut random);
        let mut body = json!({
            "username": format!("walker_{seed}"),
            "phone_number": [format!("+1212555{:04}", 100 + seed)],
            "totp_secret": secret,
        });
        if codes.is_some() {
            body["backup_codes"] = json!(texts);
        }
        println!("walk {seed} begins with {body}");
        let body = server.create_user(body).await;
        let mut model = Model::default();
        model.step(server.clock.now(), |model| model.set(secret, codes));
        assert_eq!(factors(&body), model.factors());
        let (user, old) = (id(&body), Vec::new());
        Self { server, random, user, model, body, old, n_updates: 0, tally }
    }

    async fn go(mut self, n_steps: usize) {
        for n in 0..n_steps {
            println!("{n}: {:?} at {}", self.model, self.server.clock.now());
            match self.random.random_range(0..100) {
                0..45 => self.verify().await,
                45..65 => self.update().await,
                65..70 => self.update_with_nothing().await,
                70..76 => self.delete("/totp", Model::delete_totp).await,
                76..81 => self.delete("/backup_code", |model| model.codes.clear()).await,
                81..86 => self.delete("/mfa", Model::disable).await,
                86..90 => self.reserve_phone().await,
                90..99 => self.server.clock.advance(self.random.random_range(1..4 * STEP)),
                _ => {
                    self.server.restart().await;
                    // The address of the picture changes with the port.
                    self.body = self.server.get_user(&self.user).await;
                    assert_eq!(factors(&self.body), self.model.factors());
                }
            }
        }
        let events = self.server.events().await.into_iter();
        let own = events.filter(|(_, subject)| *subject == self.user).map(|(kind, _)| kind);
        let mut expected = vec!["user.created".to_owned()];
        expected.resize(1 + self.n_updates, "user.updated".to_owned());
        assert_eq!(own.collect::<Vec<_>>(), expected);
    }

    fn count(&mut self, what: &str) {
        *self.tally.entry(what.to_owned()).or_default() += 1;
    }

    /// After an operation that should (not) have been a change.
    async fn check(&mut self, changed: bool) {
        let body = self.server.get_user(&self.user).await;
        assert_eq!(factors(&body), self.model.factors());
        if changed {
            self.n_updates += 1;
            assert!(number(&body["updated_at"]) > number(&self.body["updated_at"]));
        } else {
            assert_eq!(body, self.body);
        }
        self.body = body;
    }

    async fn verify(&mut self) {
        let now = self.server.clock.now();
        let current = self.model.secret.unwrap_or(SECRETS[0]);
        let code = match self.random.random_range(0..10) {
            0..4 => {
                let shift = *[-2, -1, 0, 0, 1, 2].choose(&mut self.random).expect("one of them");
                App::new(current).code(now + shift * STEP)
            }
            4 => App::new(SECRETS.choose(&mut self.random).expect("one of them")).code(now),
            5 => self.old.choose(&mut self.random).cloned().unwrap_or_default(),
            6..9 => CODES.choose(&mut self.random).expect("one of them").0.to_owned(),
            _ => (*NO_CODES.choose(&mut self.random).expect("one of them")).to_owned(),
        };
        println!("   verify {code:?}");
        let expected = self.model.step(now, |model| model.verify(&code, now));
        let reply = verify(&self.server.client(), &self.user, &code).send().await;
        match expected {
            Ok(kind) => {
                assert_eq!(reply.ok(), verified_as(kind));
                self.old.push(code);
                self.count(kind);
            }
            Err((status, code, param)) => {
                reply.refused(status, &[(code, param)]);
                self.count(code);
            }
        }
        self.check(expected == Ok("backup_code")).await;
    }

    async fn update(&mut self) {
        let (secret, codes, texts) = random_secrets(&mut self.random);
        let mut body = json!({});
        if let Some(secret) = secret {
            body["totp_secret"] = secret.into();
        }
        if codes.is_some() {
            body["backup_codes"] = json!(texts);
        }
        println!("   update {body}");
        // What is given counts as new; only taking away what is not there does not.
        let given = secret.is_some() || codes.as_ref().is_some_and(|codes| !codes.is_empty());
        let before = self.model.clone();
        self.model.step(self.server.clock.now(), |model| model.set(secret, codes));
        let changed = given || self.model != before;
        let answer = self.server.client().patch(&path(&self.user, "")).json(body).send().await;
        let answer = answer.ok();
        self.check(changed).await;
        assert_eq!(answer, self.body);
        self.count(if changed { "changed" } else { "unchanged" });
    }

    /// Null is no change for a secret, and a mistake for codes, which then keeps all as it was.
    async fn update_with_nothing(&mut self) {
        let call = self.server.client().patch(&path(&self.user, ""));
        if self.random.random() {
            println!("   update with a null secret");
            let answer = call.json(json!({ "totp_secret": null })).send().await;
            assert_eq!(answer.ok(), self.body);
        } else {
            println!("   update with null codes");
            let body = json!({ "totp_secret": SECRETS[1], "backup_codes": null });
            call.json(body).send().await.refused(422, &[("form_param_nil", "backup_codes")]);
        }
        self.check(false).await;
    }

    async fn delete(&mut self, below: &str, step: impl FnOnce(&mut Model)) {
        println!("   delete {below}");
        let before = self.model.clone();
        self.model.step(self.server.clock.now(), step);
        let answer = self.server.client().delete(&path(&self.user, below)).send().await;
        assert_eq!(answer.ok(), json!({ "user_id": self.user }));
        let changed = self.model != before;
        self.check(changed).await;
        self.count(&format!("{below} {changed}"));
    }

    async fn reserve_phone(&mut self) {
        println!("   reserve the phone");
        reserve_phone(self.server, &self.user).await;
        self.model.step(self.server.clock.now(), |model| model.phone = true);
        // No operation of the API, so neither an event nor a new version.
        self.body = self.server.get_user(&self.user).await;
        assert_eq!(factors(&self.body), self.model.factors());
    }
}

type Secrets = (Option<&'static str>, Option<BTreeSet<&'static str>>, Vec<&'static str>);

/// A secret or none; codes, none of them, or none given; and the codes as they are sent.
fn random_secrets(random: &mut StdRng) -> Secrets {
    let secret = random.random_bool(0.5).then(|| *SECRETS.choose(random).expect("one of them"));
    let (mut codes, mut texts) = (BTreeSet::new(), Vec::new());
    if random.random_bool(0.4) {
        return (secret, None, texts);
    }
    if random.random_bool(0.8) {
        for (code, digest) in CODES {
            if random.random_bool(0.5) {
                codes.insert(code);
                texts.push(if random.random() { code } else { digest });
            }
        }
    }
    (secret, Some(codes), texts)
}

both!(in_any_order_every_answer_and_flag_is_that_of_the_model, async |server| {
    let (n_walks, n_steps) = match server.engine() {
        Engine::Sqlite => (40, 75),
        Engine::Postgres => (8, 60),
    };
    let mut tally = BTreeMap::new();
    for seed in 0..n_walks {
        Walk::begin(server, seed, &mut tally).await.go(n_steps).await;
    }
    for what in [
        "totp",
        "backup_code",
        "totp_incorrect_code",
        "totp_invalid_length",
        "totp_disabled",
        "changed",
        "unchanged",
        "/totp true",
        "/totp false",
        "/backup_code true",
        "/backup_code false",
        "/mfa true",
        "/mfa false",
    ] {
        assert!(tally.contains_key(what), "nothing of {what:?} in {tally:?}");
    }
});
