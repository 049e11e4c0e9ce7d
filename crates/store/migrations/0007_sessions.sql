-- Clients, sessions and the tokens that lead to them; the keys that sign.

-- The browser or device that sessions live in.
CREATE TABLE clients (
    instance_id                  {text} NOT NULL,
    client_id                    {text} NOT NULL,
    last_authentication_strategy {text},
    created_at                   {bigint} NOT NULL,
    updated_at                   {bigint} NOT NULL,
    PRIMARY KEY (instance_id, client_id)
) {without_rowid};
CREATE INDEX clients_by_created_at ON clients (instance_id, created_at, client_id);

-- What the first schema had under this name could only be written by tests.
DROP TABLE sessions;
CREATE TABLE sessions (
    instance_id                 {text} NOT NULL,
    session_id                  {text} NOT NULL,
    user_id                     {text} NOT NULL,
    client_id                   {text} NOT NULL,
    status                      {text} NOT NULL,
    actor                       TEXT,
    last_active_organization_id {text},
    origin                      {text},
    first_factor_at             {bigint},
    second_factor_at            {bigint},
    last_active_at              {bigint} NOT NULL,
    expire_at                   {bigint} NOT NULL,
    abandon_at                  {bigint} NOT NULL,
    created_at                  {bigint} NOT NULL,
    updated_at                  {bigint} NOT NULL,
    PRIMARY KEY (instance_id, session_id)
) {without_rowid};
CREATE INDEX sessions_by_user ON sessions (instance_id, user_id, created_at, session_id);
CREATE INDEX sessions_by_client ON sessions (instance_id, client_id, created_at, session_id);
CREATE INDEX sessions_by_created_at ON sessions (instance_id, created_at, session_id);

-- Sign-in tokens and actor tokens: each is good for one session. The token itself
-- is a signed statement of its id, so that nothing here could be used by a thief.
CREATE TABLE tickets (
    instance_id             {text} NOT NULL,
    ticket_id               {text} NOT NULL,
    kind                    {text} NOT NULL,
    user_id                 {text} NOT NULL,
    status                  {text} NOT NULL,
    actor                   TEXT,
    organization_id         {text},
    session_max_duration_ms {bigint},
    expires_at              {bigint} NOT NULL,
    created_at              {bigint} NOT NULL,
    updated_at              {bigint} NOT NULL,
    PRIMARY KEY (instance_id, ticket_id)
) {without_rowid};
CREATE INDEX tickets_by_user ON tickets (instance_id, user_id);
CREATE INDEX tickets_by_expiry ON tickets (instance_id, expires_at);

-- The private half is sealed with the data key. A retired key stays, so that
-- its id is never another's.
CREATE TABLE signing_keys (
    instance_id {text} NOT NULL,
    key_id      {text} NOT NULL,
    public      TEXT NOT NULL,
    private     {bytes} NOT NULL,
    created_at  {bigint} NOT NULL,
    retired_at  {bigint},
    PRIMARY KEY (instance_id, key_id)
) {without_rowid};

CREATE TABLE jwt_templates (
    instance_id {text} NOT NULL,
    template_id {text} NOT NULL,
    name        {text} NOT NULL,
    record      TEXT NOT NULL,
    signing_key {bytes},
    created_at  {bigint} NOT NULL,
    PRIMARY KEY (instance_id, template_id)
) {without_rowid};
CREATE UNIQUE INDEX jwt_templates_by_name ON jwt_templates (instance_id, name);
CREATE INDEX jwt_templates_by_created_at ON jwt_templates (instance_id, created_at, template_id);
