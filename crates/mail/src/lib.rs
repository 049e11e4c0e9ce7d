//! Mail: what a message says, and handing it to an SMTP server.
//!
//! Knows nothing of users, of SQL or of HTTP, and keeps nothing: when to send,
//! and how often to try, is for those who keep the messages.

mod error;
mod message;
mod smtp;
mod template;

pub use error::{BadSettings, SendError};
pub use message::Message;
pub use smtp::{Smtp, SmtpSettings, Tls};
pub use template::{Content, render};

/// Where mail goes.
#[derive(Debug, Clone)]
pub enum Mailer {
    /// Nowhere: it stays where it is kept, for a developer to look at.
    Mailbox,
    /// To an SMTP server.
    Smtp(Smtp),
}

impl Mailer {
    /// Sends a message; `Ok` once someone else answers for it.
    ///
    /// A message sent twice has the same `Message-ID` both times.
    pub async fn send(&self, message: &Message) -> Result<(), SendError> {
        match self {
            Self::Mailbox => Ok(()),
            Self::Smtp(smtp) => smtp.send(message).await,
        }
    }
}
