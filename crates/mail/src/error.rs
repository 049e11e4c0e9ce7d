//! What may go wrong with mail, told apart by whether trying again makes sense.

use lettre::transport::smtp;

/// What an operator is shown of an error, in characters.
const LONGEST: usize = 500;

/// Replies that refuse the sender's credentials rather than the message (RFC
/// 4954): the operator can mend those, and the message is as good as before.
const CREDENTIALS: &[u16] = &[530, 534, 535, 538];

/// Why a message was not sent.
///
/// The text may quote the server, and with it addresses: for the operator's
/// eyes, not for a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct SendError {
    text: String,
    reply: Option<u16>,
    permanent: bool,
}

impl SendError {
    /// The message itself is at fault.
    pub(crate) fn bad_message(text: &impl ToString) -> Self {
        Self { text: shortened(&text.to_string()), reply: None, permanent: true }
    }

    /// Something took too long.
    pub fn timed_out() -> Self {
        Self { text: "the SMTP server took too long".to_owned(), reply: None, permanent: false }
    }

    /// Whether another try would fail the same way: the server refused the
    /// message for good (5xx), or it is no message at all.
    pub const fn is_permanent(&self) -> bool {
        self.permanent
    }

    /// The code of the server's reply, such as 550, if it was that which failed.
    pub const fn reply(&self) -> Option<u16> {
        self.reply
    }
}

impl From<smtp::Error> for SendError {
    fn from(error: smtp::Error) -> Self {
        let reply = error.status().and_then(|code| code.to_string().parse().ok());
        let permanent =
            error.is_permanent() && reply.is_none_or(|code| !CREDENTIALS.contains(&code));
        Self { text: shortened(&error.to_string()), reply, permanent }
    }
}

fn shortened(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect()
}

/// Why there can be no mailer with these settings.
#[derive(Debug, thiserror::Error)]
pub enum BadSettings {
    /// The sender is no address.
    #[error("the sender of mail must look like `Name <name@example.com>`")]
    From,
    /// A password would travel in the clear.
    #[error("a password for the SMTP server needs TLS, unless the server is on this machine")]
    PasswordInTheClear,
    /// A password without a name, or a name without a password.
    #[error("the SMTP server's username and password must be given together")]
    HalfOfCredentials,
    /// The certificates or the host's name are not good.
    #[error("TLS to the SMTP server cannot be set up")]
    Tls(#[source] smtp::Error),
}
