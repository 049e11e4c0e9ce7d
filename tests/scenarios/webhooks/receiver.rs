//! Somebody who is told, and answers as the test says.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What to answer.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// This status, and this body.
    Status(u16, &'static str),
    /// Nothing, for ever.
    Hang,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Told {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    pub(crate) fn id(&self) -> &str {
        &self.headers["svix-id"]
    }

    pub(crate) fn kind(&self) -> String {
        self.json()["type"].as_str().expect("a type").to_owned()
    }
}

#[derive(Debug, Default)]
struct State {
    told: Vec<Told>,
    next: VecDeque<Answer>,
    always: Option<Answer>,
}

/// A server that keeps what it is told; it ends with its runtime.
#[derive(Debug, Clone)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
}

impl Receiver {
    /// One that answers 200 until it is told otherwise.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hooks", listener.local_addr().expect("an address"));
        let state = Arc::new(Mutex::new(State::default()));
        let receiver = Self { url, state };
        let serving = receiver.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let receiver = serving.clone();
                tokio::spawn(async move { receiver.serve(stream).await });
            }
        });
        receiver
    }

    /// Answers so from now on.
    pub(crate) fn always(&self, answer: Answer) {
        self.state.lock().expect("unpoisoned").always = Some(answer);
    }

    /// Answers the next requests so, one each.
    pub(crate) fn next(&self, answers: impl IntoIterator<Item = Answer>) {
        self.state.lock().expect("unpoisoned").next.extend(answers);
    }

    /// All requests so far, in the order of their coming.
    pub(crate) fn told(&self) -> Vec<Told> {
        self.state.lock().expect("unpoisoned").told.clone()
    }

    /// The types of all events so far.
    pub(crate) fn kinds(&self) -> Vec<String> {
        self.told().iter().map(Told::kind).collect()
    }

    async fn serve(&self, mut stream: TcpStream) {
        let mut bytes = Vec::new();
        loop {
            let Some((head, rest)) = split(&bytes) else {
                if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                    return;
                }
                continue;
            };
            let headers: BTreeMap<String, String> = head
                .lines()
                .skip(1)
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
                .collect();
            let length: usize = headers["content-length"].parse().expect("a length");
            if bytes.len() - rest < length {
                if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                    return;
                }
                continue;
            }
            let body = String::from_utf8(bytes[rest..rest + length].to_vec()).expect("text");
            bytes.drain(..rest + length);
            let answer = {
                let mut state = self.state.lock().expect("unpoisoned");
                state.told.push(Told { headers, body });
                let next = state.next.pop_front().or_else(|| state.always.clone());
                next.unwrap_or(Answer::Status(200, "fine"))
            };
            let Answer::Status(status, text) = answer else { std::future::pending().await };
            let answer =
                format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n{text}", text.len());
            if stream.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }
}

/// The head of a request and where its body begins.
fn split(bytes: &[u8]) -> Option<(String, usize)> {
    let at = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    Some((String::from_utf8_lossy(&bytes[..at]).into_owned(), at + 4))
}
