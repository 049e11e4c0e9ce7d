//! The frame of every change of roles: hold the instance, change, save, tell.

use rollbook_domain::{ELEVATED_PERMISSIONS, Instance, Permission, Problem, Role};
use rollbook_store::{Conn, instances, roles};
use rollbook_wire::{self as wire, Code, Id};

use super::body::{not_found, permissions};
use super::built_in_or;
use crate::{Ctx, Error, Result, Tenant, events};

/// What a transaction that holds the instance knows of its roles.
pub(crate) struct Held<'a, 'tx> {
    pub(crate) ctx: &'a Ctx,
    pub(crate) tx: &'a mut Conn<'tx>,
    pub(crate) instance: Instance,
    pub(crate) roles: Vec<Role>,
    pub(crate) permissions: Vec<Permission>,
    now: i64,
}

/// Runs `change` while nobody else changes the instance or relies on its roles.
///
/// From the first change on, the built-in roles have rows like all others.
pub(crate) async fn change<T, F>(ctx: &Ctx, tenant: &Tenant, change: F) -> Result<T>
where
    T: Send + 'static,
    F: Fn(&mut Held<'_, '_>) -> Result<T> + Send + 'static,
{
    let (ctx_, id) = (ctx.clone(), tenant.instance.id.clone());
    let (answer, settings_changed) = ctx
        .db
        .write(move |tx| {
            let instance = instances::lock(tx, &id)?
                .ok_or_else(|| Error::not_found("instance", id.as_str()))?;
            let settings = instance.settings.clone();
            let own = roles::all(tx, &id)?;
            let is_new = own.is_empty();
            let all = built_in_or(own, instance.created_at);
            let permissions = permissions(tx, &id)?;
            if is_new {
                for role in &all {
                    roles::save(tx, &id, role)?;
                }
            }
            let now = ctx_.clock.now();
            let mut held = Held { ctx: &ctx_, tx, instance, roles: all, permissions, now };
            let answer = change(&mut held)?;
            let changed = held.instance.settings != settings;
            if changed {
                held.instance.updated_at = now.max(held.instance.updated_at + 1);
                instances::save(held.tx, &held.instance)?;
            }
            Ok::<_, Error>((answer, changed))
        })
        .await?;
    if settings_changed {
        ctx.reload_catalog().await?;
    }
    Ok(answer)
}

impl Held<'_, '_> {
    /// The role with this id; 404 if there is none.
    pub(crate) fn role(&self, id: &Id) -> Result<Role> {
        self.roles.iter().find(|role| role.id == *id).cloned().ok_or_else(|| not_found(id))
    }

    /// The permission with this id; 404 if there is none.
    pub(crate) fn permission(&self, id: &str) -> Result<Permission> {
        let found = self.permissions.iter().find(|permission| permission.id.as_str() == id);
        found.cloned().ok_or_else(|| Error::not_found("organization permission", id))
    }

    /// The keys of the permissions with these ids, each once.
    pub(crate) fn keys(&self, ids: &[String]) -> Result<Vec<String>> {
        let mut keys = Vec::with_capacity(ids.len());
        for id in ids {
            let key = self.permission(id)?.key;
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        Ok(keys)
    }

    /// Whether the role is what creators of organizations get.
    pub(crate) fn is_creator_role(&self, key: &str) -> bool {
        self.instance.settings.organizations.creator_role == key
    }

    /// Writes a role and tells of it; one that did not change is left alone.
    pub(crate) fn save(&mut self, kind: &'static str, role: &mut Role) -> Result<wire::Role> {
        let before = self.roles.iter().find(|other| other.id == role.id);
        if before == Some(role) {
            return Ok(role.body(&self.permissions));
        }
        if self.is_creator_role(&role.key) && !role.is_elevated() {
            return Err(Error::refused(missing_creator_permissions()));
        }
        role.updated_at = before.map_or(self.now, |before| self.now.max(before.updated_at + 1));
        let instance = self.instance.id.clone();
        roles::save(self.tx, &instance, role)?;
        let body = role.body(&self.permissions);
        events::happened(self.ctx, self.tx, &instance, kind, &role.id, &role.id, &body)?;
        Ok(body)
    }
}

fn missing_creator_permissions() -> Problem {
    Problem::new(
        Code::OrganizationMissingCreatorRolePermissions,
        format!("The role of creators needs the permissions {}.", ELEVATED_PERMISSIONS.join(", ")),
    )
}

/// The key belongs to another.
pub(crate) fn key_taken(what: &str, key: &str) -> Problem {
    let text = format!("There is {what} with the key {key} already.");
    Problem::param(Code::FormIdentifierExists, "key", text)
}
