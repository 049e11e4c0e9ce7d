-- What else leads to users, of whom there may be several: derived from their records.
CREATE TABLE user_keys (
    instance_id {text} NOT NULL,
    kind        {text} NOT NULL,
    value       {text} NOT NULL,
    user_id     {text} NOT NULL,
    PRIMARY KEY (instance_id, kind, value, user_id)
) {without_rowid};
CREATE INDEX user_keys_by_user ON user_keys (instance_id, user_id);

-- Codes that were sent to addresses, sealed, until they run out.
CREATE TABLE verifications (
    instance_id     {text} NOT NULL,
    verification_id {text} NOT NULL,
    user_id         {text} NOT NULL,
    record          TEXT NOT NULL,
    expires_at      {bigint} NOT NULL,
    PRIMARY KEY (instance_id, verification_id)
) {without_rowid};
CREATE INDEX verifications_by_user ON verifications (instance_id, user_id);
CREATE INDEX verifications_by_expiry ON verifications (instance_id, expires_at);

-- Who may come in, and who may not. The entry is folded, so that two spellings are one.
CREATE TABLE access_identifiers (
    instance_id   {text} NOT NULL,
    list          {text} NOT NULL,
    identifier_id {text} NOT NULL,
    entry         {text} NOT NULL,
    record        TEXT NOT NULL,
    created_at    {bigint} NOT NULL,
    PRIMARY KEY (instance_id, list, identifier_id)
) {without_rowid};
CREATE UNIQUE INDEX access_identifiers_by_entry ON access_identifiers (instance_id, list, entry);
CREATE INDEX access_identifiers_by_created_at
    ON access_identifiers (instance_id, list, created_at, identifier_id);
