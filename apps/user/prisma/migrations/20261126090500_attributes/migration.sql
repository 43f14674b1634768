-- What users own goes with them: a foreign key that cascades, so that no deletion can forget a table, and no late write
-- leaves an orphan.

CREATE TABLE "user_attributes" (
    "app_id" INTEGER NOT NULL,
    "user_id" BIGINT NOT NULL,
    "attributes" JSONB NOT NULL,
    -- Of keys and values in UTF-8.
    "bytes" INTEGER NOT NULL,

    CONSTRAINT "user_attributes_pkey" PRIMARY KEY ("app_id", "user_id"),
    CONSTRAINT "user_attributes_owner" FOREIGN KEY ("app_id", "user_id") REFERENCES "app_user" ("app_id", "user_id") ON DELETE CASCADE
);

-- What an app uses in all, kept by the transactions that change it.
CREATE TABLE "app_usage" (
    "app_id" INTEGER NOT NULL,
    "attribute_bytes" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "app_usage_pkey" PRIMARY KEY ("app_id")
) WITH (fillfactor = 50);

CREATE FUNCTION "count_attribute_bytes"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        UPDATE app_usage u SET attribute_bytes = u.attribute_bytes + d.bytes
        FROM (SELECT o.app_id, -sum(o.bytes) AS bytes FROM old_rows o GROUP BY 1) d WHERE u.app_id = d.app_id;
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO app_usage AS u (app_id, attribute_bytes)
        SELECT n.app_id, sum(n.bytes) FROM new_rows n GROUP BY 1
        ON CONFLICT (app_id) DO UPDATE SET attribute_bytes = u.attribute_bytes + EXCLUDED.attribute_bytes;
    ELSE
        UPDATE app_usage u SET attribute_bytes = u.attribute_bytes + d.bytes
        FROM (SELECT n.app_id, sum(n.bytes) - sum(o.bytes) AS bytes
            FROM new_rows n JOIN old_rows o USING (app_id, user_id) GROUP BY 1) d
        WHERE u.app_id = d.app_id AND d.bytes <> 0;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER "user_attributes_inserted" AFTER INSERT ON "user_attributes"
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION "count_attribute_bytes"();
CREATE TRIGGER "user_attributes_updated" AFTER UPDATE ON "user_attributes"
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION "count_attribute_bytes"();
CREATE TRIGGER "user_attributes_deleted" AFTER DELETE ON "user_attributes"
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION "count_attribute_bytes"();

-- Mutes of users who are gone already mute nobody.
DELETE FROM "global_mute" m WHERE NOT EXISTS (SELECT 1 FROM "app_user" u WHERE u."app_id" = m."app_id" AND u."user_id" = m."user_id");
ALTER TABLE "global_mute" ADD CONSTRAINT "global_mute_owner"
    FOREIGN KEY ("app_id", "user_id") REFERENCES "app_user" ("app_id", "user_id") ON DELETE CASCADE;
