-- Organizations, their members and the invitations to them.

-- The record is the organization; name and search are derived from it. What changes
-- with its members and their sessions is kept beside it.
CREATE TABLE organizations (
    instance_id     {text} NOT NULL,
    organization_id {text} NOT NULL,
    record          TEXT NOT NULL,
    slug            {text} NOT NULL,
    name            {text} NOT NULL,
    search          {text} NOT NULL,
    created_by      {text},
    members_count   {bigint} NOT NULL,
    created_at      {bigint} NOT NULL,
    last_active_at  {bigint},
    PRIMARY KEY (instance_id, organization_id)
);
CREATE UNIQUE INDEX organizations_by_slug ON organizations (instance_id, slug);
CREATE INDEX organizations_by_created_at
    ON organizations (instance_id, created_at, organization_id);
CREATE INDEX organizations_by_name ON organizations (instance_id, name, organization_id);
CREATE INDEX organizations_by_members_count
    ON organizations (instance_id, members_count, organization_id);
CREATE INDEX organizations_by_creator ON organizations (instance_id, created_by);
{trigram organizations search}

-- Nothing could write the first one through the API.
DROP TABLE organization_memberships;
CREATE TABLE organization_memberships (
    instance_id      {text} NOT NULL,
    organization_id  {text} NOT NULL,
    user_id          {text} NOT NULL,
    membership_id    {text} NOT NULL,
    role             {text} NOT NULL,
    public_metadata  TEXT NOT NULL,
    private_metadata TEXT NOT NULL,
    created_at       {bigint} NOT NULL,
    updated_at       {bigint} NOT NULL,
    PRIMARY KEY (instance_id, organization_id, user_id)
);
-- Each holds all that choosing a page takes, in the order of the page.
CREATE INDEX organization_memberships_by_user ON organization_memberships
    (instance_id, user_id, created_at, membership_id, organization_id);
CREATE INDEX organization_memberships_by_organization ON organization_memberships
    (instance_id, organization_id, created_at, membership_id, user_id);
CREATE INDEX organization_memberships_by_created_at ON organization_memberships
    (instance_id, created_at, membership_id, organization_id, user_id);
CREATE INDEX organization_memberships_by_role ON organization_memberships
    (instance_id, role, organization_id, user_id);

-- A pending one whose time has run out is expired; no row ever says so.
CREATE TABLE organization_invitations (
    instance_id      {text} NOT NULL,
    invitation_id    {text} NOT NULL,
    organization_id  {text} NOT NULL,
    email_address    {text} NOT NULL,
    role             {text} NOT NULL,
    status           {text} NOT NULL,
    inviter_id       {text},
    redirect_url     TEXT,
    ticket           {text} NOT NULL,
    public_metadata  TEXT NOT NULL,
    private_metadata TEXT NOT NULL,
    expires_at       {bigint} NOT NULL,
    created_at       {bigint} NOT NULL,
    updated_at       {bigint} NOT NULL,
    PRIMARY KEY (instance_id, invitation_id)
);
CREATE INDEX organization_invitations_by_email_address ON organization_invitations
    (instance_id, email_address, created_at, invitation_id, status, expires_at);
CREATE INDEX organization_invitations_by_organization ON organization_invitations
    (instance_id, organization_id, created_at, invitation_id, status, expires_at);
CREATE INDEX organization_invitations_by_created_at ON organization_invitations
    (instance_id, created_at, invitation_id, status, expires_at);
CREATE INDEX organization_invitations_pending ON organization_invitations
    (instance_id, organization_id, expires_at) WHERE status = 'pending';
CREATE INDEX organization_invitations_by_inviter
    ON organization_invitations (instance_id, inviter_id);
CREATE INDEX organization_invitations_by_role ON organization_invitations (instance_id, role);

-- A picture is a user's or an organization's.
ALTER TABLE images RENAME COLUMN user_id TO owner_id;
CREATE INDEX images_by_owner ON images (instance_id, owner_id);
