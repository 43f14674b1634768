-- Settings of an app: its own choices, and the ceilings that the operator has set for it (libs/app-settings). Only what
-- differs from the defaults is stored.
ALTER TABLE "app"
    ADD COLUMN "settings" JSONB NOT NULL DEFAULT '{}',
    ADD COLUMN "ceilings" JSONB NOT NULL DEFAULT '{}';

UPDATE "app" SET "settings" =
    (CASE WHEN "open_registration" THEN '{"openRegistration": true}'::jsonb ELSE '{}'::jsonb END)
    || (CASE WHEN "token_ttl_seconds" <> 5184000 THEN jsonb_build_object('tokenTtlSeconds', "token_ttl_seconds") ELSE '{}'::jsonb END);

ALTER TABLE "app" DROP COLUMN "open_registration", DROP COLUMN "token_ttl_seconds";
