//! A small OpenID provider that can be told to misbehave.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How the token endpoint answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// As it should.
    Well,
    /// After a moment, so that others come meanwhile.
    Slowly,
    /// Not at all.
    Never,
    /// It hangs up.
    HangsUp,
    /// With HTML.
    Garbage,
    /// With more than anyone should read.
    Endless,
    /// With a redirect to where tokens are given.
    Redirects,
    /// With 500.
    Broken,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) mode: Mode,
    /// Requests for new tokens so far.
    pub(crate) refreshes: usize,
    /// Tokens given back.
    pub(crate) revoked: Vec<String>,
    /// Good for one renewal each.
    pub(crate) refresh_tokens: HashSet<String>,
    /// What the next ID token says, over what it usually does.
    pub(crate) claims: Value,
    /// What the user info says, over what it usually does.
    pub(crate) info: Value,
    counter: usize,
}

#[derive(Clone)]
pub(crate) struct Provider {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
    key: SigningKey,
}

impl Provider {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let state = State {
            mode: Mode::Well,
            refreshes: 0,
            revoked: Vec::new(),
            refresh_tokens: HashSet::new(),
            claims: json!({}),
            info: json!({}),
            counter: 0,
        };
        let key = SigningKey::from_slice(&[7; 32]).expect("a key");
        let provider = Self { url, state: Arc::new(Mutex::new(state)), key };
        let served = provider.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let provider = served.clone();
                tokio::spawn(async move { provider.serve(stream).await });
            }
        });
        provider
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("a provider")
    }

    pub(crate) fn turn(&self, mode: Mode) {
        self.state().mode = mode;
    }

    async fn serve(&self, mut stream: TcpStream) {
        let Some((head, body)) = read(&mut stream).await else { return };
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let mode = if path == "/token" { self.state().mode } else { Mode::Well };
        let answer = match mode {
            Mode::HangsUp => return,
            Mode::Never => {
                tokio::time::sleep(Duration::from_mins(1)).await;
                return;
            }
            Mode::Garbage => "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<html>".to_owned(),
            Mode::Endless => format!("HTTP/1.1 200 OK\r\n\r\n{}", " ".repeat(1 << 20)),
            Mode::Redirects => "HTTP/1.1 307 Go\r\nlocation: /elsewhere\r\n\r\n".to_owned(),
            Mode::Broken => "HTTP/1.1 500 No\r\n\r\n".to_owned(),
            Mode::Well | Mode::Slowly => {
                let (status, body) = self.answer(&path, &body);
                format!("HTTP/1.1 {status} x\r\ncontent-type: application/json\r\n\r\n{body}")
            }
        };
        if mode == Mode::Slowly {
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        // Whoever has heard enough hangs up.
        let _ = stream.write_all(answer.as_bytes()).await;
    }

    fn answer(&self, path: &str, body: &str) -> (u16, Value) {
        let url = &self.url;
        match path {
            "/.well-known/openid-configuration" => (
                200,
                json!({
                    "issuer": url, "authorization_endpoint": format!("{url}/auth"),
                    "token_endpoint": format!("{url}/token"), "jwks_uri": format!("{url}/jwks"),
                    "userinfo_endpoint": format!("{url}/me"),
                    "revocation_endpoint": format!("{url}/revoke"),
                }),
            ),
            "/jwks" => {
                let point = self.key.verifying_key().to_sec1_point(false);
                let [x, y] = [1, 33].map(|at| encode(&point.as_bytes()[at..at + 32]));
                let key = json!({ "kty": "EC", "crv": "P-256", "use": "sig", "kid": "1", "x": x, "y": y });
                (200, json!({ "keys": [key] }))
            }
            "/me" => {
                let mut info = json!({ "sub": "sub-1", "given_name": "Ada", "picture": "https://p.example/1.png" });
                overlay(&mut info, &self.state().info);
                (200, info)
            }
            "/token" | "/elsewhere" => self.token(&form(body)),
            "/revoke" => {
                let token = form(body).remove("token").unwrap_or_default();
                self.state().revoked.push(token);
                (200, json!({}))
            }
            _ => (404, json!({})),
        }
    }

    fn token(&self, form: &HashMap<String, String>) -> (u16, Value) {
        let get = |name: &str| form.get(name).map_or("", String::as_str);
        let refused = (400, json!({ "error": "invalid_grant" }));
        let mut state = self.state();
        let mut nonce = None;
        if get("grant_type") == "refresh_token" {
            state.refreshes += 1;
            if !state.refresh_tokens.remove(get("refresh_token")) {
                return refused;
            }
        } else {
            // The code is made by the test: nonce and challenge of the question.
            let Some((asked, challenge)) = get("code").split_once('.') else { return refused };
            if encode(&Sha256::digest(get("code_verifier").as_bytes())) != challenge {
                return refused;
            }
            nonce = Some(asked.to_owned());
        }
        state.counter += 1;
        let (access, refresh) = (format!("at-{}", state.counter), format!("rt-{}", state.counter));
        state.refresh_tokens.insert(refresh.clone());
        let mut answer = json!({
            "access_token": access, "refresh_token": refresh, "token_type": "Bearer",
            "expires_in": 60, "scope": "openid email",
        });
        if let Some(nonce) = nonce {
            answer["id_token"] = json!(self.id_token(&nonce, &state.claims));
        }
        (200, answer)
    }

    fn id_token(&self, nonce: &str, claims: &Value) -> String {
        let mut payload = json!({
            "iss": self.url, "aud": "client-1", "sub": "sub-1", "nonce": nonce,
            "iat": 1_700_000_000, "exp": 4_000_000_000_i64,
            "email": "ada@example.com", "email_verified": true,
        });
        overlay(&mut payload, claims);
        let header = encode(br#"{"alg":"ES256","kid":"1","typ":"JWT"}"#);
        let signed = format!("{header}.{}", encode(payload.to_string().as_bytes()));
        let signature: Signature = self.key.sign(signed.as_bytes());
        format!("{signed}.{}", encode(&signature.to_bytes()))
    }
}

fn overlay(into: &mut Value, over: &Value) {
    for (name, value) in over.as_object().expect("an object") {
        into[name] = value.clone();
    }
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Nothing in the forms of these tests but what needs no decoding, and codes.
fn form(body: &str) -> HashMap<String, String> {
    let pairs = body.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Path and body of a request.
/// Head and body of a request, once they are whole.
pub(crate) async fn read(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let n = stream.read(&mut chunk).await.ok()?;
        bytes.extend_from_slice(&chunk[..n]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.to_lowercase();
            let length = length.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().expect("a length")) {
                return Some((head.to_owned(), body.to_owned()));
            }
        }
        if n == 0 {
            return None;
        }
    }
}
