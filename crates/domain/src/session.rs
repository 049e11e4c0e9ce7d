//! Sessions as they are kept, and what the clock makes of them.

use rollbook_wire as wire;
use rollbook_wire::Id;
use serde_json::Value;

/// How a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionStatus {
    /// It signs its user in.
    Active,
    /// Ended by the backend, or by a ban.
    Revoked,
    /// Ended by the user.
    Ended,
    /// Its time is over.
    Expired,
    /// Taken out of its client.
    Removed,
    /// Nobody used it for too long.
    Abandoned,
    /// Another session took its place.
    Replaced,
}

impl SessionStatus {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Active,
        Self::Revoked,
        Self::Ended,
        Self::Expired,
        Self::Removed,
        Self::Abandoned,
        Self::Replaced,
    ];

    /// The word on the wire and in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Revoked => "revoked",
            Self::Ended => "ended",
            Self::Expired => "expired",
            Self::Removed => "removed",
            Self::Abandoned => "abandoned",
            Self::Replaced => "replaced",
        }
    }

    /// The status with this word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// A session as it is kept; instants in milliseconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// `sess_…`
    pub id: Id,
    /// `user_…`
    pub user_id: Id,
    /// `client_…`
    pub client_id: Id,
    /// As somebody left it; see [`status_at`](Self::status_at).
    pub status: SessionStatus,
    /// Who acts as the user, if anybody does.
    pub actor: Option<Value>,
    /// The organization that is active in it.
    pub last_active_organization_id: Option<Id>,
    /// The page that the user signed in on, such as `https://app.example.com`.
    pub origin: Option<String>,
    /// When a first factor was last verified.
    pub first_factor_at: Option<i64>,
    /// When a second factor was last verified.
    pub second_factor_at: Option<i64>,
    /// Latest activity.
    pub last_active_at: i64,
    /// When it ends whatever happens.
    pub expire_at: i64,
    /// When it ends without activity.
    pub abandon_at: i64,
    /// Creation.
    pub created_at: i64,
    /// Last change.
    pub updated_at: i64,
}

impl Session {
    /// How it stands at `now`: nobody notes when a time is over.
    pub fn status_at(&self, now: i64) -> SessionStatus {
        match self.status {
            SessionStatus::Active if now >= self.expire_at.min(self.abandon_at) => {
                if self.expire_at <= self.abandon_at {
                    SessionStatus::Expired
                } else {
                    SessionStatus::Abandoned
                }
            }
            status => status,
        }
    }

    /// Minutes since either factor was verified, -1 for never.
    pub fn factor_ages(&self, now: i64) -> [i64; 2] {
        let age = |at: Option<i64>| at.map_or(-1, |at| (now - at).max(0).div_euclid(60_000));
        [age(self.first_factor_at), age(self.second_factor_at)]
    }

    /// The session as the API shows it at `now`.
    pub fn render(&self, now: i64) -> wire::Session<'_> {
        wire::Session {
            object: "session".into(),
            id: self.id.as_str().into(),
            client_id: self.client_id.as_str().into(),
            user_id: self.user_id.as_str().into(),
            actor: self.actor.as_ref().map(std::borrow::Cow::Borrowed),
            status: self.status_at(now).as_str().into(),
            last_active_organization_id: self
                .last_active_organization_id
                .as_ref()
                .map(|id| id.as_str().into()),
            last_active_at: self.last_active_at,
            latest_activity: None,
            expire_at: self.expire_at,
            abandon_at: self.abandon_at,
            tasks: None,
            updated_at: self.updated_at,
            created_at: self.created_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(expire_at: i64, abandon_at: i64) -> Session {
        let id = |text: &str| text.parse().expect("an id");
        Session {
            id: id("sess_1"),
            user_id: id("user_1"),
            client_id: id("client_1"),
            status: SessionStatus::Active,
            actor: None,
            last_active_organization_id: None,
            origin: None,
            first_factor_at: Some(60_000),
            second_factor_at: None,
            last_active_at: 0,
            expire_at,
            abandon_at,
            created_at: 0,
            updated_at: 0,
        }
    }

    #[test]
    fn the_clock_ends_a_session_for_the_reason_that_came_first() {
        let expires = session(100, 200);
        assert_eq!(expires.status_at(99), SessionStatus::Active);
        assert_eq!(expires.status_at(100), SessionStatus::Expired);
        assert_eq!(expires.status_at(200), SessionStatus::Expired);
        let idle = session(200, 100);
        assert_eq!(idle.status_at(100), SessionStatus::Abandoned);
        assert_eq!(idle.status_at(200), SessionStatus::Abandoned);
    }

    #[test]
    fn what_somebody_ended_stays_as_it_was_ended() {
        let revoked = Session { status: SessionStatus::Revoked, ..session(100, 100) };
        assert_eq!(revoked.status_at(500), SessionStatus::Revoked);
    }

    #[test]
    fn factors_age_by_the_minute() {
        assert_eq!(session(0, 0).factor_ages(60_000 * 8 + 59_999), [7, -1]);
        assert_eq!(session(0, 0).factor_ages(0), [0, -1]);
    }
}
