//! The `o` claim: the active organization, with its permissions as a bit map.

use serde::Serialize;

/// The active organization of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrganizationClaim {
    /// `org_…`
    pub id: String,
    /// Its slug.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slg: Option<String>,
    /// The role of the user, without `org:`.
    pub rol: String,
    /// What may be done, each word once, separated by commas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per: Option<String>,
    /// For each feature of `fea` a number whose bit n says whether word n of `per` may be done to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fpm: Option<String>,
}

impl OrganizationClaim {
    /// The claim of a role with these permissions, and what `fea` must say for it to be read.
    ///
    /// Permissions are `org:FEATURE:ACTION`; those of the system are left out, as at Clerk.
    pub fn new<'a>(
        id: &str,
        slug: Option<&str>,
        role: &str,
        permissions: impl IntoIterator<Item = &'a str>,
    ) -> (Self, Option<String>) {
        let mut features: Vec<(&str, u64)> = Vec::new();
        let mut actions: Vec<&str> = Vec::new();
        for permission in permissions {
            let Some((feature, action)) =
                permission.strip_prefix("org:").and_then(|rest| rest.split_once(':'))
            else {
                continue;
            };
            if feature.starts_with("sys_") {
                continue;
            }
            let index = actions.iter().position(|known| *known == action).unwrap_or_else(|| {
                actions.push(action);
                actions.len() - 1
            });
            // A claim of more than 64 kinds of actions would fit no cookie.
            let bit = u32::try_from(index).ok().and_then(|index| 1_u64.checked_shl(index));
            let bit = bit.unwrap_or_default();
            match features.iter_mut().find(|(known, _)| *known == feature) {
                Some((_, bits)) => *bits |= bit,
                None => features.push((feature, bit)),
            }
        }
        let some = !features.is_empty();
        let join = |words: Vec<String>| some.then(|| words.join(","));
        let claim = Self {
            id: id.to_owned(),
            slg: slug.map(ToOwned::to_owned),
            rol: role.strip_prefix("org:").unwrap_or(role).to_owned(),
            per: some.then(|| actions.join(",")),
            fpm: join(features.iter().map(|(_, bits)| bits.to_string()).collect()),
        };
        (claim, join(features.iter().map(|(feature, _)| format!("o:{feature}")).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_become_bits_per_feature() {
        let permissions =
            ["org:sys_profile:manage", "org:posts:read", "org:posts:write", "org:teams:write"];
        let (claim, features) =
            OrganizationClaim::new("org_1", Some("acme"), "org:admin", permissions);
        assert_eq!(claim.rol, "admin");
        assert_eq!(claim.per.as_deref(), Some("read,write"));
        assert_eq!(claim.fpm.as_deref(), Some("3,2"));
        assert_eq!(features.as_deref(), Some("o:posts,o:teams"));
    }

    #[test]
    fn a_role_with_permissions_of_the_system_alone_claims_none() {
        let (claim, features) =
            OrganizationClaim::new("org_1", None, "org:member", ["org:sys_memberships:read"]);
        assert_eq!((claim.per, claim.fpm, features), (None, None, None));
    }
}
