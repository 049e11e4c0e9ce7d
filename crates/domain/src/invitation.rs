//! An invitation to the application, as it is kept.

use rollbook_wire::{self as wire, Id};

use crate::{InvitationStatus, Metadata, Ticket};

/// An invitation of whoever has an address.
#[derive(Debug, Clone, PartialEq)]
pub struct Invitation {
    /// `inv_…`
    pub id: Id,
    /// Folded, as those of users are.
    pub email_address: String,
    /// As it was set; see [`Self::status_at`].
    pub status: InvitationStatus,
    /// Where the link leads, if the application reads tickets itself.
    pub redirect_url: Option<String>,
    /// What the link proves itself by.
    pub ticket: Ticket,
    /// The user's, once there is one.
    pub public_metadata: Metadata,
    /// When it runs out unless it is accepted.
    pub expires_at: i64,
    /// Creation.
    pub created_at: i64,
    /// Last change.
    pub updated_at: i64,
}

impl Invitation {
    /// The status at `now`: a pending one that has run out is expired.
    pub fn status_at(&self, now: i64) -> InvitationStatus {
        self.status.at(self.expires_at, now)
    }

    /// The link that is mailed; `public_url` has no trailing slash.
    ///
    /// An application that named a page of its own gets the ticket there, under the
    /// names that Clerk's clients read.
    pub fn url(&self, public_url: &str) -> String {
        let ticket = &self.ticket.0;
        let Some(page) = &self.redirect_url else {
            return format!("{public_url}/v1/tickets/accept?ticket={ticket}");
        };
        let (page, fragment) = page.split_at(page.find('#').unwrap_or(page.len()));
        let sign = if page.contains('?') { '&' } else { '?' };
        format!("{page}{sign}__clerk_ticket={ticket}&__clerk_status=sign_up{fragment}")
    }

    /// As the API shows it at `now`.
    pub fn body(&self, public_url: &str, now: i64) -> wire::Invitation {
        let status = self.status_at(now);
        wire::Invitation {
            object: "invitation".to_owned(),
            id: self.id.to_string(),
            email_address: self.email_address.clone(),
            public_metadata: self.public_metadata.to_raw().into_owned(),
            revoked: status == InvitationStatus::Revoked,
            status: status.as_str().to_owned(),
            url: self.url(public_url),
            expires_at: Some(self.expires_at),
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(redirect_url: Option<&str>) -> String {
        let invitation = Invitation {
            id: "inv_1".parse().expect("an id"),
            email_address: "ada@example.com".to_owned(),
            status: InvitationStatus::Pending,
            redirect_url: redirect_url.map(ToOwned::to_owned),
            ticket: Ticket("t".to_owned()),
            public_metadata: Metadata::default(),
            expires_at: 10,
            created_at: 0,
            updated_at: 0,
        };
        assert_eq!(invitation.status_at(9), InvitationStatus::Pending);
        assert_eq!(invitation.status_at(10), InvitationStatus::Expired);
        invitation.url("https://rollbook.example")
    }

    #[test]
    fn the_link_leads_to_the_page_that_was_named() {
        assert_eq!(to(None), "https://rollbook.example/v1/tickets/accept?ticket=t");
        let added = "__clerk_ticket=t&__clerk_status=sign_up";
        assert_eq!(to(Some("https://a.example")), format!("https://a.example?{added}"));
        assert_eq!(
            to(Some("https://a.example/b?c=d#e")),
            format!("https://a.example/b?c=d&{added}#e")
        );
    }
}
