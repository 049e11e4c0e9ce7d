-- Roles and permissions of organizations; invitations to the application, the waitlist, redirect URLs, domains.

-- An instance without a role has the built-in ones. There are few of either, so
-- that all are read at once, and keys are unique because writers hold the instance.
CREATE TABLE organization_roles (
    instance_id {text} NOT NULL,
    role_id     {text} NOT NULL,
    record      TEXT NOT NULL,
    PRIMARY KEY (instance_id, role_id)
) {without_rowid};
CREATE TABLE organization_permissions (
    instance_id   {text} NOT NULL,
    permission_id {text} NOT NULL,
    record        TEXT NOT NULL,
    PRIMARY KEY (instance_id, permission_id)
) {without_rowid};
