-- Billing: plans, features, subscriptions, statements. The records hold everything;
-- the other columns are derived from them. Whoever pays has no row: its payer and its
-- subscription are named after it, and its default plan is nowhere written down.

CREATE TABLE features (
    instance_id {text} NOT NULL,
    feature_id  {text} NOT NULL,
    slug        {text} NOT NULL,
    record      TEXT NOT NULL,
    PRIMARY KEY (instance_id, feature_id)
) {without_rowid};
CREATE UNIQUE INDEX features_by_slug ON features (instance_id, slug);

CREATE TABLE plans (
    instance_id {text} NOT NULL,
    plan_id     {text} NOT NULL,
    slug        {text} NOT NULL,
    payer_type  {text} NOT NULL,
    record      TEXT NOT NULL,
    created_at  {bigint} NOT NULL,
    PRIMARY KEY (instance_id, plan_id)
) {without_rowid};
CREATE UNIQUE INDEX plans_by_slug ON plans (instance_id, slug);
CREATE INDEX plans_by_created_at ON plans (instance_id, created_at, plan_id);

CREATE TABLE prices (
    instance_id {text} NOT NULL,
    price_id    {text} NOT NULL,
    plan_id     {text} NOT NULL,
    is_default  {bigint} NOT NULL,
    amount      {bigint} NOT NULL,
    record      TEXT NOT NULL,
    created_at  {bigint} NOT NULL,
    PRIMARY KEY (instance_id, price_id)
) {without_rowid};
CREATE INDEX prices_by_amount ON prices (instance_id, amount, created_at);
CREATE INDEX prices_by_plan ON prices (instance_id, plan_id, amount, created_at);
CREATE UNIQUE INDEX prices_default ON prices (instance_id, plan_id) WHERE is_default = 1;

-- due_at is when time next does something to an item.
CREATE TABLE subscription_items (
    instance_id          {text} NOT NULL,
    subscription_item_id {text} NOT NULL,
    payer_type           {text} NOT NULL,
    owner_id             {text} NOT NULL,
    plan_id              {text} NOT NULL,
    price_id             {text} NOT NULL,
    phase                {text} NOT NULL,
    status               {text} NOT NULL,
    is_free              {bigint} NOT NULL,
    is_free_trial        {bigint} NOT NULL,
    due_at               {bigint},
    record               TEXT NOT NULL,
    created_at           {bigint} NOT NULL,
    PRIMARY KEY (instance_id, subscription_item_id)
) {without_rowid};
CREATE INDEX subscription_items_by_owner ON subscription_items (instance_id, owner_id, created_at);
CREATE INDEX subscription_items_by_created_at
    ON subscription_items (instance_id, created_at, subscription_item_id);
CREATE INDEX subscription_items_by_plan ON subscription_items (instance_id, plan_id);
CREATE INDEX subscription_items_due ON subscription_items (due_at) WHERE due_at IS NOT NULL;
-- A payer has one plan at a time.
CREATE UNIQUE INDEX subscription_items_running
    ON subscription_items (instance_id, owner_id) WHERE phase = 'running';

CREATE TABLE statements (
    instance_id  {text} NOT NULL,
    statement_id {text} NOT NULL,
    payer_type   {text} NOT NULL,
    owner_id     {text} NOT NULL,
    month        {bigint} NOT NULL,
    currency     {text} NOT NULL,
    created_at   {bigint} NOT NULL,
    PRIMARY KEY (instance_id, statement_id)
) {without_rowid};
CREATE UNIQUE INDEX statements_by_owner ON statements (instance_id, owner_id, month, currency);
CREATE INDEX statements_by_created_at ON statements (instance_id, created_at, statement_id);

CREATE TABLE payment_attempts (
    instance_id          {text} NOT NULL,
    payment_attempt_id   {text} NOT NULL,
    statement_id         {text} NOT NULL,
    subscription_item_id {text} NOT NULL,
    owner_id             {text} NOT NULL,
    status               {text} NOT NULL,
    record               TEXT NOT NULL,
    created_at           {bigint} NOT NULL,
    PRIMARY KEY (instance_id, payment_attempt_id)
) {without_rowid};
CREATE INDEX payment_attempts_by_statement
    ON payment_attempts (instance_id, statement_id, created_at, payment_attempt_id);
CREATE INDEX payment_attempts_by_created_at
    ON payment_attempts (instance_id, created_at, payment_attempt_id);
CREATE INDEX payment_attempts_by_owner ON payment_attempts (instance_id, owner_id);
CREATE INDEX payment_attempts_by_item ON payment_attempts (instance_id, subscription_item_id);

-- The ledger of credits: the last line of a payer holds its balance.
CREATE TABLE credits (
    instance_id     {text} NOT NULL,
    owner_id        {text} NOT NULL,
    ordinal         {bigint} NOT NULL,
    idempotency_key {text},
    record          TEXT NOT NULL,
    PRIMARY KEY (instance_id, owner_id, ordinal)
) {without_rowid};
CREATE UNIQUE INDEX credits_by_key ON credits (instance_id, owner_id, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
