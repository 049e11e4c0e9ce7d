//! What a session token says, in either of Clerk's versions.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Metadata, OrganizationId, SessionId, UserId};

/// What a session token says.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SessionClaims {
    /// Who is signed in (`sub`).
    pub user_id: UserId,
    /// The session (`sid`); none in a token of a template that leaves it out.
    pub session_id: Option<SessionId>,
    /// How the session stands (`sts`), such as `active`.
    pub session_status: Option<String>,
    /// The origin that the token was made for (`azp`).
    pub authorized_party: Option<String>,
    /// Who issued it (`iss`).
    pub issuer: Option<String>,
    /// The active organization.
    pub organization: Option<ActiveOrganization>,
    /// Who acts as the user (`act`).
    pub actor: Option<Metadata>,
    /// Every claim as it stands, those of a template among them.
    pub all: Metadata,
}

/// The active organization of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActiveOrganization {
    /// `org_…`
    pub id: OrganizationId,
    /// Its slug.
    pub slug: Option<String>,
    /// The user's role in it, such as `org:admin`.
    pub role: Option<String>,
    /// What the role allows, such as `org:invoices:create`; those of the system are not told.
    pub permissions: Vec<String>,
}

impl SessionClaims {
    /// None if nobody is signed in.
    pub(super) fn read(all: Metadata) -> Option<Self> {
        let text = |name: &str| all.get(name).and_then(Value::as_str).map(str::to_owned);
        let user_id = text("sub").filter(|id| !id.is_empty())?;
        Some(Self {
            user_id: user_id.into(),
            session_id: text("sid").map(Into::into),
            session_status: text("sts"),
            authorized_party: text("azp"),
            issuer: text("iss"),
            organization: version_2(&all).or_else(|| version_1(&all)),
            actor: all.get("act").and_then(Value::as_object).cloned(),
            all,
        })
    }

    /// Whether the user may do this in the active organization, such as `org:invoices:create`.
    pub fn has_permission(&self, permission: &str) -> bool {
        let organization = self.organization.as_ref();
        organization.is_some_and(|one| one.permissions.iter().any(|has| has == permission))
    }

    /// Whether the user has this role in the active organization, such as `org:admin`.
    pub fn has_role(&self, role: &str) -> bool {
        self.organization.as_ref().is_some_and(|one| one.role.as_deref() == Some(role))
    }

    /// A claim as a type of the caller's own; none if it is absent or of another type.
    pub fn claim<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        T::deserialize(self.all.get(name)?).ok()
    }
}

fn version_1(all: &Metadata) -> Option<ActiveOrganization> {
    let text = |name: &str| all.get(name).and_then(Value::as_str).map(str::to_owned);
    let permissions = all.get("org_permissions").and_then(Value::as_array);
    Some(ActiveOrganization {
        id: text("org_id")?.into(),
        slug: text("org_slug"),
        role: text("org_role"),
        permissions: permissions
            .into_iter()
            .flatten()
            .filter_map(|one| one.as_str().map(str::to_owned))
            .collect(),
    })
}

fn version_2(all: &Metadata) -> Option<ActiveOrganization> {
    let claim = all.get("o")?.as_object()?;
    let text = |name: &str| claim.get(name).and_then(Value::as_str);
    Some(ActiveOrganization {
        id: text("id")?.into(),
        slug: text("slg").map(str::to_owned),
        role: text("rol").map(|role| format!("org:{role}")),
        permissions: permissions(
            all.get("fea").and_then(Value::as_str).unwrap_or_default(),
            text("per").unwrap_or_default(),
            text("fpm").unwrap_or_default(),
        ),
    })
}

/// `fea` names features, `per` actions; for each feature a number of `fpm` has a bit for each
/// action that may be done to it.
fn permissions(features: &str, actions: &str, maps: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (feature, map) in features.split(',').zip(maps.split(',')) {
        let (Some((scope, feature)), Ok(map)) = (feature.split_once(':'), map.parse::<u64>())
        else {
            continue;
        };
        if !scope.contains('o') {
            continue;
        }
        let allowed = actions.split(',').take(64).enumerate().filter(|(n, _)| map >> n & 1 == 1);
        found.extend(allowed.map(|(_, action)| format!("org:{feature}:{action}")));
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(value: Value) -> SessionClaims {
        let Value::Object(all) = value else { panic!("claims are an object") };
        SessionClaims::read(all).unwrap()
    }

    #[test]
    fn both_versions_name_the_organization() {
        let second = claims(json!({
            "sub": "user_1", "v": 2, "fea": "o:posts,u:drafts,o:teams",
            "o": { "id": "org_1", "slg": "acme", "rol": "admin", "per": "read,write", "fpm": "3,3,2" },
        }));
        let first = claims(json!({
            "sub": "user_1", "org_id": "org_1", "org_slug": "acme", "org_role": "org:admin",
            "org_permissions": ["org:posts:read", "org:posts:write", "org:teams:write"],
        }));
        assert_eq!(second.organization, first.organization);
        assert!(second.has_role("org:admin") && second.has_permission("org:teams:write"));
        assert!(!second.has_permission("org:teams:read"));
    }

    #[test]
    fn claims_of_a_template_are_read_as_the_callers_types() {
        let claims = claims(json!({ "sub": "user_1", "seats": 3, "act": { "sub": "user_2" } }));
        assert_eq!((claims.claim::<u8>("seats"), claims.claim::<String>("seats")), (Some(3), None));
        assert_eq!(claims.actor.unwrap()["sub"], "user_2");
        assert_eq!(claims.organization, None);
    }

    #[test]
    fn maps_that_fit_nothing_allow_nothing() {
        for (features, actions, maps) in
            [("", "", ""), ("o:a", "read", "x"), ("o:a", "read", "-1"), ("a", "read", "1")]
        {
            assert!(permissions(features, actions, maps).is_empty(), "{features} {actions} {maps}");
        }
        let many = vec!["x"; 200].join(",");
        assert_eq!(permissions("o:a", &many, &u64::MAX.to_string()).len(), 64);
    }
}
