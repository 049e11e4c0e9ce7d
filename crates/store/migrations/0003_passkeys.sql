-- Credentials of passkeys; the user's record says how they are called and when they were used.
CREATE TABLE passkeys (
    instance_id   {text} NOT NULL,
    passkey_id    {text} NOT NULL,
    user_id       {text} NOT NULL,
    credential_id {bytes} NOT NULL,
    record        TEXT NOT NULL,
    PRIMARY KEY (instance_id, passkey_id)
) {without_rowid};
CREATE UNIQUE INDEX passkeys_by_credential ON passkeys (instance_id, credential_id);
CREATE INDEX passkeys_by_user ON passkeys (instance_id, user_id);

-- Questions that a browser has yet to answer; a row goes when it is answered.
-- Where anyone may answer, the user is the empty text.
CREATE TABLE ceremonies (
    instance_id {text} NOT NULL,
    ceremony_id {text} NOT NULL,
    user_id     {text} NOT NULL,
    kind        {text} NOT NULL,
    state       TEXT NOT NULL,
    expires_at  {bigint} NOT NULL,
    PRIMARY KEY (instance_id, ceremony_id)
) {without_rowid};
CREATE INDEX ceremonies_by_expiry ON ceremonies (instance_id, expires_at);
CREATE INDEX ceremonies_by_user ON ceremonies (instance_id, user_id);
