-- An item that time cannot be let do to is left alone for a while, and longer each time.

ALTER TABLE subscription_items ADD COLUMN failures {bigint} NOT NULL DEFAULT 0;
ALTER TABLE subscription_items ADD COLUMN not_before {bigint} NOT NULL DEFAULT 0;
