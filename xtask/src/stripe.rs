//! A stand-in for Stripe for the tests of payments: localstripe, from the Python registry.

use std::path::Path;
use std::process::Command;

use crate::error::Result;
use crate::service;
use crate::supervised::Supervised;

/// A running stand-in that takes any key.
#[derive(Debug)]
pub(crate) struct Stripe {
    pub(crate) url: String,
    _server: Supervised,
}

impl Stripe {
    /// Installs it if need be, and starts it on a free port.
    pub(crate) fn start(target: &Path, logs: &Path) -> Result<Self> {
        let (server, port) = service::start("localstripe", target, logs, |environment, port| {
            let mut localstripe = Command::new(environment.python());
            localstripe.args(["-m", "localstripe", "--from-scratch", "--port", port]);
            localstripe
        })?;
        Ok(Self { url: format!("http://127.0.0.1:{port}"), _server: server })
    }
}
