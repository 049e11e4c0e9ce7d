//! The SMTP server of a test, as a process of its own.

use std::env;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use rollbook_mail::{Mailer, Smtp, SmtpSettings, Tls};
use serde_json::{Value, json};
use tempfile::TempDir;

const PYTHON: &str = "ROLLBOOK_TEST_SMTP_PYTHON";
const WITHOUT: &str = "ROLLBOOK_TEST_WITHOUT_SMTP";

pub(crate) const USERNAME: &str = "rollbook";
pub(crate) const PASSWORD: &str = "a password of the mail server";

/// A running server; it ends when this is dropped.
pub(crate) struct Server {
    pub(crate) port: u16,
    lines: Receiver<Value>,
    folder: TempDir,
    child: Child,
}

impl Server {
    /// Starts one that takes mail from anyone, without TLS.
    pub(crate) fn start(options: Value) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut options = options;
        options["folder"] = json!(folder.path());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("mail/server.py");
        let mut command = Command::new(python().expect("checked by every test"));
        command.arg(script).arg(options.to_string());
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the SMTP server starts");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let line = serde_json::from_str(&line).expect("a line of JSON");
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let mut server = Self { port: 0, lines, folder, child };
        let first = server.next(Duration::from_mins(1)).expect("the SMTP server is ready");
        server.port = first["port"].as_u64().and_then(|port| port.try_into().ok()).expect("a port");
        server
    }

    /// Starts one that wants STARTTLS and then a name and a password.
    pub(crate) fn start_strict() -> Self {
        Self::start(json!({ "tls": true, "username": USERNAME, "password": PASSWORD }))
    }

    /// The next message that it took, if there is one before `patience` ends.
    pub(crate) fn next(&self, patience: Duration) -> Option<Value> {
        self.lines.recv_timeout(patience).ok()
    }

    /// The one message that it took since the last was read.
    pub(crate) fn only(&self) -> Value {
        let message = self.next(Duration::from_secs(10)).expect("a message");
        assert_eq!(self.next(Duration::from_millis(200)), None, "one message");
        message
    }

    /// The certificate of its authority.
    pub(crate) fn ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// Settings that a strict server takes mail with.
    pub(crate) fn strict_settings(&self) -> SmtpSettings {
        SmtpSettings {
            tls: Tls::Starttls,
            username: Some(USERNAME.to_owned()),
            password: Some(PASSWORD.to_owned().into()),
            ca: Some(std::fs::read(self.ca()).expect("a certificate")),
            ..settings(self.port)
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Settings for a server without TLS.
pub(crate) fn settings(port: u16) -> SmtpSettings {
    SmtpSettings {
        host: "127.0.0.1".to_owned(),
        port,
        tls: Tls::None,
        username: None,
        password: None,
        from: "Rollbook <no-reply@example.org>".to_owned(),
        ca: None,
    }
}

/// A mailer with these settings.
pub(crate) fn mailer(settings: &SmtpSettings) -> Mailer {
    Mailer::Smtp(Smtp::new(settings).expect("good settings"))
}

/// A port where nobody listens.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
}

/// The interpreter that has aiosmtpd; `None` where mail is left out on purpose.
pub(crate) fn python() -> Option<PathBuf> {
    if let Some(python) = env::var_os(PYTHON) {
        return Some(python.into());
    }
    assert!(
        env::var_os(WITHOUT).is_some_and(|word| word == "1"),
        "no SMTP server to test with: run `cargo xtask test`, or set {PYTHON} to a Python that has \
         what xtask/requirements/smtp.txt lists; {WITHOUT}=1 leaves these tests out"
    );
    eprintln!("skipped: {WITHOUT}=1 leaves the SMTP server out");
    None
}
