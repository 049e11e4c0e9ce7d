-- Mail, written in the transaction that caused it: the queue of what is still to
-- be sent, and the mailbox of what was. A worker leases a row by moving
-- lease_until into the future; after a failure that is when to try again.

CREATE TABLE emails (
    instance_id {text} NOT NULL,
    email_id    {text} NOT NULL,
    record      TEXT NOT NULL,
    status      {text} NOT NULL,
    attempts    {bigint} NOT NULL,
    lease_until {bigint} NOT NULL,
    last_error  TEXT,
    created_at  {bigint} NOT NULL,
    updated_at  {bigint} NOT NULL,
    PRIMARY KEY (instance_id, email_id)
) {without_rowid};
CREATE INDEX emails_by_created_at ON emails (instance_id, created_at, email_id);
CREATE INDEX emails_by_age ON emails (updated_at);
CREATE INDEX emails_queued ON emails (lease_until) WHERE status = 'queued';
