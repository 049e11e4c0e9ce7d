-- The first schema. One text for both engines; words in braces differ between them.
-- Every primary key starts with instance_id, so that a distributed engine can shard by it.

CREATE TABLE instances (
    instance_id {text} NOT NULL PRIMARY KEY,
    record      TEXT NOT NULL,
    created_at  {bigint} NOT NULL
);

CREATE TABLE secret_keys (
    instance_id {text} NOT NULL,
    key_id      {text} NOT NULL,
    hash        {bytes} NOT NULL,
    hint        TEXT NOT NULL,
    created_at  {bigint} NOT NULL,
    revoked_at  {bigint},
    PRIMARY KEY (instance_id, key_id)
);
CREATE UNIQUE INDEX secret_keys_by_hash ON secret_keys (hash);

-- The record is the whole user; the other columns are derived from it, save
-- last_active_at and last_sign_in_at, which change too often to be in it.
CREATE TABLE users (
    instance_id     {text} NOT NULL,
    user_id         {text} NOT NULL,
    version         {bigint} NOT NULL,
    record          TEXT NOT NULL,
    created_at      {bigint} NOT NULL,
    updated_at      {bigint} NOT NULL,
    last_active_at  {bigint},
    last_sign_in_at {bigint},
    banned          {bigint} NOT NULL,
    first_name      {text},
    last_name       {text},
    username        {text},
    email_address   {text},
    phone_number    {text},
    web3_wallet     {text},
    names           {text} NOT NULL,
    search          {text} NOT NULL,
    PRIMARY KEY (instance_id, user_id)
);
CREATE INDEX users_by_created_at ON users (instance_id, created_at, user_id);
{trigram users search}
CREATE INDEX users_banned ON users (instance_id, created_at, user_id) WHERE banned = 1;

-- What leads to a user, in the form in which two spellings are one.
CREATE TABLE identifiers (
    instance_id {text} NOT NULL,
    kind        {text} NOT NULL,
    value       {text} NOT NULL,
    user_id     {text} NOT NULL,
    PRIMARY KEY (instance_id, kind, value)
) {without_rowid};
CREATE INDEX identifiers_by_user ON identifiers (instance_id, user_id);

-- Digests as they are; seeds and codes sealed with the data key.
CREATE TABLE credentials (
    instance_id {text} NOT NULL,
    user_id     {text} NOT NULL,
    kind        {text} NOT NULL,
    ordinal     {bigint} NOT NULL,
    secret      {bytes} NOT NULL,
    PRIMARY KEY (instance_id, user_id, kind, ordinal)
) {without_rowid};

CREATE TABLE sessions (
    instance_id    {text} NOT NULL,
    session_id     {text} NOT NULL,
    user_id        {text} NOT NULL,
    client_id      {text} NOT NULL,
    status         {text} NOT NULL,
    last_active_at {bigint} NOT NULL,
    expire_at      {bigint} NOT NULL,
    abandon_at     {bigint} NOT NULL,
    created_at     {bigint} NOT NULL,
    updated_at     {bigint} NOT NULL,
    PRIMARY KEY (instance_id, session_id)
);
CREATE INDEX sessions_by_user ON sessions (instance_id, user_id);

CREATE TABLE organization_memberships (
    instance_id     {text} NOT NULL,
    organization_id {text} NOT NULL,
    user_id         {text} NOT NULL,
    created_at      {bigint} NOT NULL,
    PRIMARY KEY (instance_id, organization_id, user_id)
) {without_rowid};
CREATE INDEX organization_memberships_by_user
    ON organization_memberships (instance_id, user_id);

CREATE TABLE images (
    instance_id {text} NOT NULL,
    image_id    {text} NOT NULL,
    user_id     {text} NOT NULL,
    format      {text} NOT NULL,
    created_at  {bigint} NOT NULL,
    PRIMARY KEY (instance_id, image_id)
) {without_rowid};
CREATE INDEX images_by_id ON images (image_id);

-- Events, written in the transaction that caused them.
CREATE TABLE outbox (
    instance_id {text} NOT NULL,
    event_id    {text} NOT NULL,
    type        {text} NOT NULL,
    subject_id  {text} NOT NULL,
    data        TEXT NOT NULL,
    created_at  {bigint} NOT NULL,
    PRIMARY KEY (instance_id, event_id)
) {without_rowid};
CREATE INDEX outbox_by_age ON outbox (created_at);
