//! New connections, each set up the same way.

use std::time::Duration;

use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::error::connecting;
use super::tls::Tls;
use crate::settings::PostgresSettings;
use crate::{Error, Result};

/// After this long without a sign of life a connection counts as lost.
const SILENCE: Duration = Duration::from_secs(30);

/// Makes connections.
pub(super) struct Connector {
    config: Config,
    tls: Option<MakeRustlsConnect>,
    set_up: String,
}

impl Connector {
    pub(super) fn new(settings: &PostgresSettings) -> Result<Self> {
        let (url, tls) = Tls::split_from(&settings.url)?;
        let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| {
            let why = std::error::Error::source(&error).map(ToString::to_string);
            let why = why.unwrap_or_else(|| error.to_string());
            Error::Misconfigured(format!("the database's address cannot be used: {why}"))
        })?;
        config.ssl_mode(tls.mode);
        if config.get_application_name().is_none() {
            config.application_name("rollbook");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(5));
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(SILENCE);
        }
        config.keepalives_idle(SILENCE);
        // A server that has vanished in mid-transaction must not keep its row locks.
        let set_up = format!(
            "SET statement_timeout = {}; SET idle_in_transaction_session_timeout = 60000",
            settings.statement_timeout.as_millis()
        );
        Ok(Self { config, tls: tls.connector()?, set_up })
    }

    /// A connection whose other half runs on the current runtime.
    pub(super) async fn connect(&self) -> Result<Client> {
        let client = match &self.tls {
            None => {
                let (client, io) = self.config.connect(NoTls).await.map_err(connecting)?;
                tokio::spawn(watch(io));
                client
            }
            Some(tls) => {
                let (client, io) = self.config.connect(tls.clone()).await.map_err(connecting)?;
                tokio::spawn(watch(io));
                client
            }
        };
        client.batch_execute(&self.set_up).await.map_err(connecting)?;
        Ok(client)
    }
}

/// Drives a connection to its end, which its client notices by itself.
async fn watch(io: impl Future<Output = Result<(), tokio_postgres::Error>>) {
    if let Err(error) = io.await {
        let error = connecting(error);
        tracing::debug!(error = &error as &dyn std::error::Error, "a database connection ended");
    }
}
