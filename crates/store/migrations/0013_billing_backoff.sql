-- An item to which nothing could be done in time is left alone for a while, and longer each time.

ALTER TABLE subscription_items ADD COLUMN failures {bigint} NOT NULL DEFAULT 0;
ALTER TABLE subscription_items ADD COLUMN not_before {bigint} NOT NULL DEFAULT 0;

-- Of the plans for a kind of payer one is the default. Nothing kept several from saying so; then
-- the newest was meant.
ALTER TABLE plans ADD COLUMN is_default {bigint} NOT NULL DEFAULT 0;
UPDATE plans SET is_default = 1 WHERE record LIKE '%"is_default":true%' AND NOT EXISTS (
    SELECT 1 FROM plans newer WHERE newer.instance_id = plans.instance_id
        AND newer.payer_type = plans.payer_type AND newer.record LIKE '%"is_default":true%'
        AND (newer.created_at > plans.created_at
            OR (newer.created_at = plans.created_at AND newer.plan_id > plans.plan_id)));
UPDATE plans SET record = REPLACE(record, '"is_default":true', '"is_default":false')
    WHERE is_default = 0;
CREATE UNIQUE INDEX plans_default ON plans (instance_id, payer_type) WHERE is_default = 1;
