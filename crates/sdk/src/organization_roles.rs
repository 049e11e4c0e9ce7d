//! Roles and permissions of members.

use crate::operations::operations;
use crate::params::params;
use crate::{DeletedObject, Paginated, Permission, PermissionId, Role, RoleId};

operations! {
    /// The operations on roles of members of organizations.
    OrganizationRoles as organization_roles;

    /// Lists roles, newest first.
    list(): GET / "organization_roles" (ListRoles) => Paginated<Role>;

    /// Creates a role; `name` and `key` must be set.
    create(): POST / "organization_roles" (CreateRole) => Role;

    /// Reads one role.
    get(organization_role_id: RoleId): GET / "organization_roles" / organization_role_id => Role;

    /// Changes a role. What is not set stays as it is.
    update(organization_role_id: RoleId):
        PATCH / "organization_roles" / organization_role_id (UpdateRole) => Role;

    /// Deletes a role that nobody has.
    delete(organization_role_id: RoleId):
        DELETE / "organization_roles" / organization_role_id => DeletedObject;

    /// Adds a permission to a role.
    assign_permission(organization_role_id: RoleId, permission_id: PermissionId):
        POST / "organization_roles" / organization_role_id / "permissions" / permission_id => Role;

    /// Takes a permission from a role.
    remove_permission(organization_role_id: RoleId, permission_id: PermissionId):
        DELETE / "organization_roles" / organization_role_id / "permissions" / permission_id
        => Role;
}

operations! {
    /// The operations on permissions of members of organizations.
    OrganizationPermissions as organization_permissions;

    /// Lists permissions, newest first.
    list(): GET / "organization_permissions" (ListRoles) => Paginated<Permission>;

    /// Creates a permission; `name` and `key` must be set.
    create(): POST / "organization_permissions" (CreatePermission) => Permission;

    /// Reads one permission.
    get(permission_id: PermissionId):
        GET / "organization_permissions" / permission_id => Permission;

    /// Changes a permission. What is not set stays as it is.
    update(permission_id: PermissionId):
        PATCH / "organization_permissions" / permission_id (UpdatePermission) => Permission;

    /// Deletes a permission.
    delete(permission_id: PermissionId):
        DELETE / "organization_permissions" / permission_id => DeletedObject;
}

params! {
    /// What the lists of roles and of permissions take.
    ListRoles in query paged;
    /// A part of the name or the key.
    query: text,
    /// `created_at`, `name` or `key`, with `-` in front for the other direction.
    order_by: text,
}

params! {
    /// What [`create`](OrganizationRoles::create) takes.
    CreateRole in json;
    /// For people.
    name: text,
    /// Such as `org:billing`.
    key: text,
    /// For people.
    description: text,
    /// Ids of permissions.
    permissions: list,
    /// Whether organizations have it at once.
    include_in_initial_role_set: flag,
}

params! {
    /// What [`update`](OrganizationRoles::update) takes.
    UpdateRole in json;
    /// For people.
    name: text,
    /// Such as `org:billing`.
    key: text,
    /// For people.
    description: patch_text,
    /// Ids of permissions; they replace those it has.
    permissions: list,
}

params! {
    /// What [`create`](OrganizationPermissions::create) takes.
    CreatePermission in json;
    /// For people.
    name: text,
    /// Such as `org:invoices:create`.
    key: text,
    /// For people.
    description: text,
}

params! {
    /// What [`update`](OrganizationPermissions::update) takes.
    UpdatePermission in json;
    /// For people.
    name: text,
    /// Such as `org:invoices:create`.
    key: text,
    /// For people.
    description: patch_text,
}
