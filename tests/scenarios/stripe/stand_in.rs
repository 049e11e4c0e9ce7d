//! A small Stripe that can be told to misbehave; or the way to a bigger one.
//!
//! It answers a repeated idempotency key as it did the first time, and keeps what it was asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use rollbook_testkit::Client;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

use crate::oauth::read;

/// How requests are answered that make something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// As they should be.
    Well,
    /// Not at all, and nothing is done.
    Never,
    /// It does what it is asked and hangs up.
    HangsUpAfter,
    /// With HTML.
    Garbage,
    /// With 429.
    TooMany,
    /// With 500.
    Broken,
    /// With 401.
    NoKey,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) mode: Mode,
    /// Requests so far, such as `POST /v1/customers`.
    pub(crate) asked: Vec<String>,
    /// What new customers pay with.
    pub(crate) default_method: Option<&'static str>,
    /// Whether payments are made, or how they end otherwise.
    pub(crate) ends: &'static str,
    pub(crate) customers: BTreeMap<String, Value>,
    pub(crate) intents: BTreeMap<String, Value>,
    /// Answers by idempotency key.
    known: BTreeMap<String, (u16, Value)>,
    pub(crate) charges: usize,
}

#[derive(Clone)]
pub(crate) struct StandIn {
    pub(crate) url: String,
    /// Where requests go on to, if not answered here.
    upstream: Option<Client>,
    state: Arc<Mutex<State>>,
}

impl StandIn {
    pub(crate) async fn start(upstream: Option<&str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let state = State {
            mode: Mode::Well,
            asked: Vec::new(),
            default_method: Some("pm_visa"),
            ends: "succeeded",
            customers: BTreeMap::new(),
            intents: BTreeMap::new(),
            known: BTreeMap::new(),
            charges: 0,
        };
        let upstream = upstream.map(|url| Client::new(url, Some("sk_test_stand_in")));
        let stand_in = Self { url, upstream, state: Arc::new(Mutex::new(state)) };
        let served = stand_in.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let stand_in = served.clone();
                tokio::spawn(async move { stand_in.serve(stream).await });
            }
        });
        stand_in
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("a stand-in")
    }

    pub(crate) fn turn(&self, mode: Mode) {
        self.state().mode = mode;
    }

    /// How often something was asked.
    pub(crate) fn n_asked(&self, what: &str) -> usize {
        self.state().asked.iter().filter(|asked| asked.starts_with(what)).count()
    }

    /// How many payments were made.
    pub(crate) fn charges(&self) -> usize {
        self.state().charges
    }

    async fn serve(&self, mut stream: TcpStream) {
        let Some((head, body)) = read(&mut stream).await else { return };
        let mut words = head.split(' ');
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        self.state().asked.push(format!("{method} {path}"));
        let mode = if method == "POST" { self.state().mode } else { Mode::Well };
        let refused = |status: u16, code: &str| (status, json!({ "error": { "code": code } }));
        let (status, answer) = match mode {
            Mode::Never => {
                tokio::time::sleep(Duration::from_mins(1)).await;
                return;
            }
            Mode::TooMany => refused(429, "rate_limit"),
            Mode::Broken => refused(500, "api_error"),
            Mode::NoKey => refused(401, "api_key_expired"),
            Mode::Garbage => (200, json!("<html>")),
            Mode::Well | Mode::HangsUpAfter => self.once(method, path, &head, &body).await,
        };
        if mode == Mode::HangsUpAfter {
            return;
        }
        let answer = format!(
            "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n{answer}"
        );
        // Whoever has heard enough hangs up.
        let _ = stream.write_all(answer.as_bytes()).await;
    }

    /// Does what is asked, unless that was done under the same key before.
    async fn once(&self, method: &str, path: &str, head: &str, body: &str) -> (u16, Value) {
        let key = head.lines().find_map(|line| line.strip_prefix("idempotency-key: "));
        let known = key.and_then(|key| self.state().known.get(key).cloned());
        if let Some(known) = known {
            return known;
        }
        let answer = match &self.upstream {
            Some(upstream) => forward(upstream, method, path, body).await,
            None => self.answer(method, path, body),
        };
        if let Some(key) = key {
            self.state().known.insert(key.to_owned(), answer.clone());
        }
        answer
    }

    fn answer(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let mut state = self.state();
        let path = path.trim_start_matches("/v1/");
        let (noun, rest) = path.split_once('/').unwrap_or((path, ""));
        let (id, act) = rest.split_once('/').unwrap_or((rest, ""));
        let none = (404, json!({ "error": { "code": "resource_missing" } }));
        match (method, noun, id, act) {
            ("POST", "customers", "", _) => {
                let id = format!("cus_{}", state.customers.len() + 1);
                let method = state.default_method;
                let customer =
                    json!({ "id": id, "invoice_settings": { "default_payment_method": method } });
                state.customers.insert(id, customer.clone());
                (200, customer)
            }
            ("GET", "customers", id, _) => {
                state.customers.get(id).map_or(none, |customer| (200, customer.clone()))
            }
            ("GET", "payment_methods", id, _) => {
                let card = json!({ "brand": "visa", "last4": "4242" });
                (200, json!({ "id": id, "type": "card", "card": card }))
            }
            ("POST", "payment_intents", "", _) => {
                let form = form(body);
                let id = format!("pi_{}", state.intents.len() + 1);
                let amount: i64 = form["amount"].parse().expect("an amount");
                let attempt = &form["metadata[rollbook_payment_attempt]"];
                let intent = json!({
                    "id": id, "amount": amount, "currency": form["currency"],
                    "customer": form["customer"], "status": "requires_confirmation",
                    "metadata": { "rollbook_payment_attempt": attempt },
                });
                state.intents.insert(id, intent.clone());
                (200, intent)
            }
            (_, "payment_intents", id, act) => {
                let ends = state.ends;
                let Some(intent) = state.intents.get_mut(id) else { return none };
                let is_open = intent["status"] == "requires_confirmation";
                match (act, is_open) {
                    ("", _) => (200, intent.clone()),
                    ("confirm", true) => {
                        let declined = ends == "declined";
                        intent["status"] =
                            json!(if declined { "requires_payment_method" } else { ends });
                        if declined {
                            intent["last_payment_error"] = json!({ "code": "card_declined" });
                            return (402, json!({ "error": { "code": "card_declined" } }));
                        }
                        let intent = intent.clone();
                        state.charges += usize::from(ends == "succeeded");
                        (200, intent)
                    }
                    ("cancel", _) if intent["status"] != "succeeded" => {
                        intent["status"] = json!("canceled");
                        (200, intent.clone())
                    }
                    _ => (400, json!({ "error": { "code": "payment_intent_unexpected_state" } })),
                }
            }
            _ => none,
        }
    }
}

/// `localstripe` knows no `off_session` of a confirmation.
async fn forward(upstream: &Client, method: &str, path: &str, body: &str) -> (u16, Value) {
    let body = body.replace("off_session=true", "");
    let call = upstream.call(method.parse().expect("a method"), path).unchecked();
    let call =
        if method == "POST" { call.body("application/x-www-form-urlencoded", body) } else { call };
    let reply = call.send().await;
    (reply.status, reply.json())
}

fn form(body: &str) -> BTreeMap<String, String> {
    // Good enough for ids and numbers.
    let plain = |text: &str| text.replace("%5B", "[").replace("%5D", "]");
    let pairs = body.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (plain(name), plain(value))).collect()
}
