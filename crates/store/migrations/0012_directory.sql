-- How often the users of an instance have been changed on the embedded engine, by whichever
-- process: the directory in memory that stands at this number knows of all of them.
CREATE TABLE user_changes (
    instance_id {text} NOT NULL PRIMARY KEY,
    version     {bigint} NOT NULL
) {without_rowid};
