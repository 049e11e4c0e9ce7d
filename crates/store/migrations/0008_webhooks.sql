-- Webhooks: events in order, the endpoints that hear of them, and what came of telling them.

-- An event has its place in a stream: the user it is about, else the organization. A release
-- that knows no streams writes 0, which is no place. An event is pending until it is decided
-- which endpoints are to hear of it.
ALTER TABLE outbox ADD COLUMN stream {text} NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN seq {bigint} NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN client_ip TEXT;
ALTER TABLE outbox ADD COLUMN user_agent TEXT;
ALTER TABLE outbox ADD COLUMN pending {bigint} NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX outbox_by_stream ON outbox (instance_id, stream, seq) WHERE seq > 0;
CREATE INDEX outbox_pending ON outbox (instance_id, stream, seq) WHERE pending = 1;

CREATE TABLE webhook_endpoints (
    instance_id     {text} NOT NULL,
    endpoint_id     {text} NOT NULL,
    url             TEXT NOT NULL,
    description     TEXT NOT NULL,
    events          TEXT NOT NULL,
    enabled         {bigint} NOT NULL,
    disabled_reason TEXT,
    failing_since   {bigint},
    created_at      {bigint} NOT NULL,
    updated_at      {bigint} NOT NULL,
    PRIMARY KEY (instance_id, endpoint_id)
) {without_rowid};
CREATE INDEX webhook_endpoints_enabled ON webhook_endpoints (instance_id, endpoint_id)
    WHERE enabled = 1;

-- Sealed with the data key. Every secret that has not expired signs.
CREATE TABLE webhook_secrets (
    instance_id {text} NOT NULL,
    endpoint_id {text} NOT NULL,
    secret_id   {text} NOT NULL,
    secret      {bytes} NOT NULL,
    created_at  {bigint} NOT NULL,
    expires_at  {bigint},
    PRIMARY KEY (instance_id, endpoint_id, secret_id)
) {without_rowid};

-- An event on its way to an endpoint. Of each stream only the first that is under way is
-- 'ready', those behind it are 'waiting'. Whoever sends one moves due_at to where its lease
-- ends; after a failure that is when to try again.
CREATE TABLE webhook_deliveries (
    instance_id {text} NOT NULL,
    endpoint_id {text} NOT NULL,
    event_id    {text} NOT NULL,
    stream      {text} NOT NULL,
    seq         {bigint} NOT NULL,
    status      {text} NOT NULL,
    attempts    {bigint} NOT NULL,
    due_at      {bigint} NOT NULL,
    created_at  {bigint} NOT NULL,
    updated_at  {bigint} NOT NULL,
    PRIMARY KEY (instance_id, endpoint_id, event_id)
) {without_rowid};
CREATE INDEX webhook_deliveries_by_age
    ON webhook_deliveries (instance_id, endpoint_id, created_at, event_id);
CREATE INDEX webhook_deliveries_by_event ON webhook_deliveries (instance_id, event_id);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (instance_id, endpoint_id, due_at)
    WHERE status = 'ready';
CREATE INDEX webhook_deliveries_open ON webhook_deliveries (instance_id, endpoint_id, stream, seq)
    WHERE status IN ('ready', 'waiting');
CREATE INDEX webhook_deliveries_closed ON webhook_deliveries (updated_at)
    WHERE status NOT IN ('ready', 'waiting');

-- The log: one row for every attempt that came to an end.
CREATE TABLE webhook_attempts (
    instance_id     {text} NOT NULL,
    endpoint_id     {text} NOT NULL,
    attempt_id      {text} NOT NULL,
    event_id        {text} NOT NULL,
    delivered       {bigint} NOT NULL,
    response_status {bigint},
    response_body   TEXT NOT NULL,
    error           TEXT,
    duration_ms     {bigint} NOT NULL,
    created_at      {bigint} NOT NULL,
    PRIMARY KEY (instance_id, endpoint_id, attempt_id)
) {without_rowid};
CREATE INDEX webhook_attempts_by_age ON webhook_attempts (created_at);
CREATE INDEX webhook_attempts_of_message
    ON webhook_attempts (instance_id, endpoint_id, event_id, created_at, attempt_id);
