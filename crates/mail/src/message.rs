//! One message to one person.

use std::time::{Duration, UNIX_EPOCH};

use lettre::Address;
use lettre::message::{Mailbox, MultiPart};

use crate::SendError;

/// A message, in plain text and in HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// `ema_…`; with the sender's domain it is the `Message-ID`.
    pub id: String,
    /// A bare address.
    pub to: String,
    /// What it is about.
    pub subject: String,
    /// For those who read plain text.
    pub text: String,
    /// For all others.
    pub html: String,
    /// When it was written: milliseconds since 1970.
    pub created_at: i64,
}

impl Message {
    /// The message as it travels. No value can add a header or a recipient:
    /// what is no address is refused, and header values are encoded.
    pub(crate) fn to_mime(&self, from: &Mailbox) -> Result<lettre::Message, SendError> {
        let to: Address = self.to.parse().map_err(|error| SendError::bad_message(&error))?;
        let written = Duration::from_millis(self.created_at.try_into().unwrap_or_default());
        lettre::Message::builder()
            .from(from.clone())
            .to(Mailbox::new(None, to))
            .subject(one_line(&self.subject))
            .date(UNIX_EPOCH + written)
            .message_id(Some(format!("<{}@{}>", self.id, from.email.domain())))
            .multipart(MultiPart::alternative_plain_html(self.text.clone(), self.html.clone()))
            .map_err(|error| SendError::bad_message(&error))
    }
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn message() -> Message {
        Message {
            id: "ema_1".to_owned(),
            to: "ada@example.com".to_owned(),
            subject: "Hello".to_owned(),
            text: "plain".to_owned(),
            html: "<p>rich</p>".to_owned(),
            created_at: 1_768_478_400_000,
        }
    }

    fn mime(message: &Message) -> Result<String, SendError> {
        let from: Mailbox = "Rollbook <no-reply@example.org>".parse().unwrap();
        let mime = message.to_mime(&from)?;
        Ok(String::from_utf8(mime.formatted()).unwrap())
    }

    #[test]
    fn a_message_is_the_same_each_time_but_for_its_boundary() {
        let text = mime(&message()).unwrap();
        assert!(text.contains("Message-ID: <ema_1@example.org>\r\n"), "{text}");
        assert!(text.contains("Date: Thu, 15 Jan 2026 12:00:00 +0000\r\n"), "{text}");
        assert!(text.contains("To: ada@example.com\r\n"), "{text}");
        assert!(text.contains("plain") && text.contains("<p>rich</p>"), "{text}");
    }

    #[test]
    fn what_is_no_single_address_is_refused_for_good() {
        for to in ["", "ada", "ada@example.com\r\nBcc: eve@example.com", "a@b.c, d@e.f"] {
            let error = mime(&Message { to: to.to_owned(), ..message() }).unwrap_err();
            assert!(error.is_permanent(), "{to}");
        }
    }

    proptest! {
        #[test]
        fn no_subject_adds_a_header(subject in "[\\PC\r\n]{0,200}") {
            let text = mime(&Message { subject, ..message() }).unwrap();
            let (head, _) = text.split_once("\r\n\r\n").unwrap();
            let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
            let names: Vec<_> =
                unfolded.split("\r\n").filter_map(|line| Some(line.split_once(':')?.0)).collect();
            let expected =
                ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"];
            prop_assert_eq!(names, expected);
        }
    }
}
