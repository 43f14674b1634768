-- Who departed is remembered after all have been told. Tokens that others made carry a name: those made before must not let
-- in whoever takes it.
ALTER TABLE "departure" ADD COLUMN "told_at" TIMESTAMPTZ(3);
CREATE INDEX "departure_app_id_username_idx" ON "departure" ("app_id", "username");
CREATE INDEX "departure_deleted_at_idx" ON "departure" ("deleted_at");
CREATE INDEX "departure_untold_idx" ON "departure" ("deleted_at") WHERE "told_at" IS NULL;

-- After the insertion, not before: one that waited for the deletion of the same name sees the departure only now.
CREATE FUNCTION "void_tokens_of_departed"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
DECLARE
    departed_at TIMESTAMPTZ;
BEGIN
    SELECT max(d.deleted_at) INTO departed_at FROM departure d WHERE d.app_id = NEW.app_id AND d.username = NEW.username;
    IF departed_at IS NOT NULL THEN
        UPDATE app_user SET tokens_valid_from = departed_at WHERE app_id = NEW.app_id AND user_id = NEW.user_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER "void_tokens_of_departed" AFTER INSERT ON "app_user"
    FOR EACH ROW EXECUTE FUNCTION "void_tokens_of_departed"();
