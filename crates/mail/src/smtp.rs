//! Handing messages to an SMTP server (RFC 5321, submission as in RFC 6409).

use std::fmt;
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{self, Certificate, CertificateStore, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use zeroize::Zeroizing;

use crate::{BadSettings, Message, SendError};

/// For connecting, and for each answer.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Idle connections kept for the next message.
const IDLE_CONNECTIONS: u32 = 4;

/// How the way to the server is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// Not at all.
    None,
    /// By STARTTLS; a server that does not offer it gets no message.
    Starttls,
    /// From the first byte.
    Implicit,
}

impl Tls {
    /// Where servers listen for it.
    pub const fn default_port(self) -> u16 {
        match self {
            Self::None => 25,
            Self::Starttls => 587,
            Self::Implicit => 465,
        }
    }
}

/// Which server, and who sends.
///
/// `Debug` does not show the password.
#[derive(Clone)]
pub struct SmtpSettings {
    /// A name or an address; the certificate must be for it.
    pub host: String,
    /// 1 to 65535.
    pub port: u16,
    /// How the way there is secured.
    pub tls: Tls,
    /// Who we are to the server; without it nobody in particular.
    pub username: Option<String>,
    /// Sent only over TLS, or to this machine.
    pub password: Option<Zeroizing<String>>,
    /// `Name <name@example.com>` or the address alone.
    pub from: String,
    /// Certificates in PEM to trust instead of the system's.
    pub ca: Option<Vec<u8>>,
}

impl fmt::Debug for SmtpSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpSettings")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("tls", &self.tls)
            .field("username", &self.username)
            .field("password", &self.password.as_ref().map(|_| "…"))
            .field("from", &self.from)
            .field("own_ca", &self.ca.is_some())
            .finish()
    }
}

/// A server that takes messages; a clone shares its connections.
#[derive(Clone)]
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp").finish_non_exhaustive()
    }
}

impl Smtp {
    /// Checks the settings; connects to nobody yet. Needs a running runtime.
    pub fn new(settings: &SmtpSettings) -> Result<Self, BadSettings> {
        let from: Mailbox = settings.from.parse().map_err(|_| BadSettings::From)?;
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
            .port(settings.port)
            .timeout(Some(TIMEOUT))
            .pool_config(PoolConfig::new().max_size(IDLE_CONNECTIONS))
            .tls(match settings.tls {
                Tls::None => client::Tls::None,
                Tls::Starttls => client::Tls::Required(tls(settings)?),
                Tls::Implicit => client::Tls::Wrapper(tls(settings)?),
            });
        match (&settings.username, &settings.password) {
            (None, None) => {}
            (Some(_), Some(_)) if settings.tls == Tls::None && !is_here(&settings.host) => {
                return Err(BadSettings::PasswordInTheClear);
            }
            (Some(username), Some(password)) => {
                let credentials = Credentials::new(username.clone(), password.to_string());
                builder = builder.credentials(credentials);
            }
            (None, Some(_)) | (Some(_), None) => return Err(BadSettings::HalfOfCredentials),
        }
        Ok(Self { transport: builder.build(), from })
    }

    pub(crate) async fn send(&self, message: &Message) -> Result<(), SendError> {
        let mime = message.to_mime(&self.from)?;
        self.transport.send(mime).await?;
        Ok(())
    }
}

fn tls(settings: &SmtpSettings) -> Result<TlsParameters, BadSettings> {
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(pem) = &settings.ca {
        let certificates = Certificate::from_pem(pem).map_err(BadSettings::Tls)?;
        builder =
            builder.certificate_store(CertificateStore::None).add_root_certificate(certificates);
    }
    builder.build().map_err(BadSettings::Tls)
}

fn is_here(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> SmtpSettings {
        SmtpSettings {
            host: "smtp.example.com".to_owned(),
            port: 587,
            tls: Tls::Starttls,
            username: Some("rollbook".to_owned()),
            password: Some(Zeroizing::new("hunter2".to_owned())),
            from: "Rollbook <no-reply@example.com>".to_owned(),
            ca: None,
        }
    }

    #[tokio::test]
    async fn no_debug_output_shows_the_password() {
        let smtp = Smtp::new(&settings()).unwrap();
        let shown = format!("{:?} {smtp:?} {:?}", settings(), smtp.transport);
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    #[tokio::test]
    async fn a_password_travels_in_the_clear_only_within_this_machine() {
        let plain = SmtpSettings { tls: Tls::None, ..settings() };
        assert!(matches!(Smtp::new(&plain), Err(BadSettings::PasswordInTheClear)));
        for host in ["localhost", "127.0.0.1", "::1", "[::1]"] {
            assert!(Smtp::new(&SmtpSettings { host: host.to_owned(), ..plain.clone() }).is_ok());
        }
        assert!(Smtp::new(&SmtpSettings { username: None, password: None, ..plain }).is_ok());
    }

    #[tokio::test]
    async fn half_of_the_credentials_or_an_odd_sender_is_refused() {
        let no_name = SmtpSettings { username: None, ..settings() };
        assert!(matches!(Smtp::new(&no_name), Err(BadSettings::HalfOfCredentials)));
        let no_sender = SmtpSettings { from: "nobody".to_owned(), ..settings() };
        assert!(matches!(Smtp::new(&no_sender), Err(BadSettings::From)));
        let no_ca =
            SmtpSettings { ca: Some(b"-----BEGIN CERTIFICATE-----".to_vec()), ..settings() };
        assert!(matches!(Smtp::new(&no_ca), Err(BadSettings::Tls(_))));
    }
}
