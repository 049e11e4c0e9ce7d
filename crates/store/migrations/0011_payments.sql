-- Payments through Stripe: whose account, who is called what there, what is to be
-- collected, and which of its events were heard.

CREATE TABLE stripe_accounts (
    instance_id    {text} NOT NULL,
    api_url        {text} NOT NULL,
    secret_key     {bytes} NOT NULL,
    webhook_secret {bytes},
    created_at     {bigint} NOT NULL,
    updated_at     {bigint} NOT NULL,
    PRIMARY KEY (instance_id)
) {without_rowid};

CREATE TABLE stripe_customers (
    instance_id {text} NOT NULL,
    owner_id    {text} NOT NULL,
    customer_id {text} NOT NULL,
    created_at  {bigint} NOT NULL,
    PRIMARY KEY (instance_id, owner_id)
) {without_rowid};
CREATE UNIQUE INDEX stripe_customers_by_customer ON stripe_customers (instance_id, customer_id);

CREATE TABLE stripe_events (
    instance_id {text} NOT NULL,
    event_id    {text} NOT NULL,
    created_at  {bigint} NOT NULL,
    PRIMARY KEY (instance_id, event_id)
) {without_rowid};
CREATE INDEX stripe_events_by_created_at ON stripe_events (created_at);

-- One row for each payment that a gateway has still to do something about.
CREATE TABLE payment_jobs (
    instance_id        {text} NOT NULL,
    payment_attempt_id {text} NOT NULL,
    owner_id           {text} NOT NULL,
    lease_until        {bigint} NOT NULL,
    attempts           {bigint} NOT NULL,
    last_error         {text},
    PRIMARY KEY (instance_id, payment_attempt_id)
) {without_rowid};
CREATE INDEX payment_jobs_due ON payment_jobs (lease_until);
CREATE INDEX payment_jobs_by_owner ON payment_jobs (instance_id, owner_id);
