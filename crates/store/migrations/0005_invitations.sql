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

-- A pending invitation whose time has run out is expired; no row ever says so.
CREATE TABLE invitations (
    instance_id     {text} NOT NULL,
    invitation_id   {text} NOT NULL,
    email_address   {text} NOT NULL,
    status          {text} NOT NULL,
    redirect_url    TEXT,
    ticket          {text} NOT NULL,
    public_metadata TEXT NOT NULL,
    expires_at      {bigint} NOT NULL,
    created_at      {bigint} NOT NULL,
    updated_at      {bigint} NOT NULL,
    PRIMARY KEY (instance_id, invitation_id)
);
-- Each holds all that choosing a page takes, in the order of the page.
CREATE INDEX invitations_by_created_at ON invitations
    (instance_id, created_at, invitation_id, status, expires_at);
CREATE INDEX invitations_by_email_address ON invitations
    (instance_id, email_address, invitation_id, status, expires_at);
CREATE INDEX invitations_by_expires_at ON invitations
    (instance_id, expires_at, invitation_id, status);

CREATE TABLE waitlist_entries (
    instance_id   {text} NOT NULL,
    entry_id      {text} NOT NULL,
    email_address {text} NOT NULL,
    status        {text} NOT NULL,
    invitation_id {text},
    invited_at    {bigint},
    created_at    {bigint} NOT NULL,
    updated_at    {bigint} NOT NULL,
    PRIMARY KEY (instance_id, entry_id)
);
CREATE UNIQUE INDEX waitlist_entries_by_email_address ON waitlist_entries
    (instance_id, email_address);
CREATE INDEX waitlist_entries_by_created_at ON waitlist_entries
    (instance_id, created_at, entry_id, status);
CREATE INDEX waitlist_entries_by_invited_at ON waitlist_entries
    (instance_id, invited_at, entry_id, status);

CREATE TABLE redirect_urls (
    instance_id     {text} NOT NULL,
    redirect_url_id {text} NOT NULL,
    url             {text} NOT NULL,
    created_at      {bigint} NOT NULL,
    PRIMARY KEY (instance_id, redirect_url_id)
) {without_rowid};
CREATE UNIQUE INDEX redirect_urls_by_url ON redirect_urls (instance_id, url);
CREATE INDEX redirect_urls_by_created_at ON redirect_urls
    (instance_id, created_at, redirect_url_id);
