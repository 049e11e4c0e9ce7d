-- What an operator has set up for an OAuth provider; the client's secret is sealed.
CREATE TABLE oauth_providers (
    instance_id   {text} NOT NULL,
    provider      {text} NOT NULL,
    record        TEXT NOT NULL,
    client_secret {bytes},
    PRIMARY KEY (instance_id, provider)
) {without_rowid};

-- Connections under way: what must fit what the browser brings back. A row goes when it does.
CREATE TABLE oauth_connections (
    instance_id   {text} NOT NULL,
    connection_id {text} NOT NULL,
    user_id       {text} NOT NULL,
    provider      {text} NOT NULL,
    sealed        {bytes} NOT NULL,
    expires_at    {bigint} NOT NULL,
    PRIMARY KEY (instance_id, connection_id)
) {without_rowid};
CREATE INDEX oauth_connections_by_expiry ON oauth_connections (instance_id, expires_at);
CREATE INDEX oauth_connections_by_user ON oauth_connections (instance_id, user_id);

-- Tokens of connected accounts, sealed as one. Who refreshes them holds the lease, under a number
-- that grows with every attempt; failure says how the latest attempt ended, if badly.
CREATE TABLE oauth_access_tokens (
    instance_id         {text} NOT NULL,
    external_account_id {text} NOT NULL,
    user_id             {text} NOT NULL,
    sealed              {bytes} NOT NULL,
    attempt             {bigint} NOT NULL DEFAULT 0,
    lease_until         {bigint} NOT NULL DEFAULT 0,
    failure             TEXT,
    PRIMARY KEY (instance_id, external_account_id)
) {without_rowid};
CREATE INDEX oauth_access_tokens_by_user ON oauth_access_tokens (instance_id, user_id);
