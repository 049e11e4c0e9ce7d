-- Bulk imports: how far each has come, and the rows that it refused. A source that is
-- given again is gone on with.

CREATE TABLE imports (
    instance_id {text} NOT NULL,
    import_id   {text} NOT NULL,
    source      {text} NOT NULL,
    status      {text} NOT NULL,
    version     {bigint} NOT NULL,
    record      TEXT NOT NULL,
    created_at  {bigint} NOT NULL,
    PRIMARY KEY (instance_id, import_id)
) {without_rowid};
CREATE UNIQUE INDEX imports_by_source ON imports (instance_id, source);
CREATE INDEX imports_by_created_at ON imports (instance_id, created_at, import_id);

CREATE TABLE import_refusals (
    instance_id {text} NOT NULL,
    import_id   {text} NOT NULL,
    ordinal     {bigint} NOT NULL,
    record      TEXT NOT NULL,
    PRIMARY KEY (instance_id, import_id, ordinal)
) {without_rowid};
