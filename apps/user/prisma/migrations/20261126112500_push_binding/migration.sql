-- Where pushes to a user go: a device of his, under a push certificate of the app, by the token that the device was given.
-- There are no certificates yet: a name is any text of the allowed form (docs/adr/0059-push-bindings-end-with-the-login.md).
CREATE TABLE "push_binding" (
    "app_id" INTEGER NOT NULL,
    "user_id" BIGINT NOT NULL,
    "device_id" TEXT NOT NULL,
    "notifier_name" TEXT NOT NULL,
    "device_token" TEXT NOT NULL,
    "bound_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "push_binding_pkey" PRIMARY KEY ("app_id", "user_id", "device_id", "notifier_name"),
    -- A token is one installation on one device: nobody else than the user who was there last gets its pushes.
    CONSTRAINT "push_binding_token" UNIQUE ("app_id", "notifier_name", "device_token"),
    CONSTRAINT "push_binding_owner" FOREIGN KEY ("app_id", "user_id") REFERENCES "app_user" ("app_id", "user_id") ON DELETE CASCADE,
    CONSTRAINT "push_binding_device_id" CHECK (char_length("device_id") BETWEEN 1 AND 255),
    CONSTRAINT "push_binding_notifier_name" CHECK (char_length("notifier_name") BETWEEN 1 AND 128),
    -- In bytes: an index holds it.
    CONSTRAINT "push_binding_device_token" CHECK (octet_length("device_token") BETWEEN 1 AND 1024)
);

-- How pushes to a user look.
ALTER TABLE "app_user"
    -- 0 tells that there is a message, 1 shows it.
    ADD COLUMN "push_style" SMALLINT NOT NULL DEFAULT 0,
    ADD COLUMN "push_language" TEXT NOT NULL DEFAULT '',
    ADD CONSTRAINT "app_user_push_style" CHECK ("push_style" IN (0, 1)),
    ADD CONSTRAINT "app_user_push_language" CHECK ("push_language" ~ '^[A-Za-z0-9_-]{0,32}$');

-- Binds a device, and takes its token from whoever had it. Of more than 20 bindings of a user the oldest give way.
-- 1 = bound, 2 = no such user, 3 = his tokens are no longer of that epoch (null = does not matter).
CREATE FUNCTION "bind_push"(app INTEGER, who BIGINT, device TEXT, notifier TEXT, token TEXT, epoch INTEGER) RETURNS INTEGER
LANGUAGE plpgsql AS $$
DECLARE
    bindings_most CONSTANT INTEGER := 20;
    holder BIGINT;
    present INTEGER;
BEGIN
    -- Binds of one token take turns: until this one is done its holder can lose it, but nobody else can become it. Always
    -- before the users, and those in the order of their keys, so that nobody waits crosswise.
    PERFORM pg_advisory_xact_lock(hashtextextended(notifier || E'\n' || token, app));
    SELECT b.user_id INTO holder FROM push_binding b
    WHERE b.app_id = app AND b.notifier_name = notifier AND b.device_token = token;
    PERFORM 1 FROM app_user u WHERE u.app_id = app AND u.user_id IN (who, holder) ORDER BY u.user_id FOR NO KEY UPDATE;
    SELECT u.token_epoch INTO present FROM app_user u WHERE u.app_id = app AND u.user_id = who;
    IF present IS NULL THEN
        RETURN 2;
    END IF;
    IF epoch <> present THEN
        RETURN 3;
    END IF;

    DELETE FROM push_binding b WHERE b.app_id = app AND b.notifier_name = notifier AND b.device_token = token
        AND (b.user_id, b.device_id) <> (who, device);
    INSERT INTO push_binding AS b (app_id, user_id, device_id, notifier_name, device_token, bound_at)
    VALUES (app, who, device, notifier, token, clock_timestamp())
    ON CONFLICT (app_id, user_id, device_id, notifier_name) DO UPDATE
        SET device_token = EXCLUDED.device_token, bound_at = EXCLUDED.bound_at;
    DELETE FROM push_binding b WHERE b.app_id = app AND b.user_id = who AND (b.device_id, b.notifier_name) IN (
        SELECT o.device_id, o.notifier_name FROM push_binding o WHERE o.app_id = app AND o.user_id = who
        ORDER BY o.bound_at DESC OFFSET bindings_most);
    RETURN 1;
END $$;

-- Unbinds a device from one certificate, or from all when the name is empty. False = no such user.
CREATE FUNCTION "unbind_push"(app INTEGER, who BIGINT, device TEXT, notifier TEXT) RETURNS BOOLEAN
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM app_user u WHERE u.app_id = app AND u.user_id = who FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN FALSE;
    END IF;
    DELETE FROM push_binding b WHERE b.app_id = app AND b.user_id = who AND b.device_id = device
        AND (notifier = '' OR b.notifier_name = notifier);
    RETURN TRUE;
END $$;

-- A device was signed out for good: its bindings end. Clients name the device by its resource or by its own uuid. The
-- caller holds the user's lock. Unlike a login this must survive a crash of the server.
CREATE FUNCTION "unbind_signed_out"(app INTEGER, who BIGINT, signed_out TEXT) RETURNS VOID LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM push_binding b WHERE b.app_id = app AND b.user_id = who AND b.device_id IN (signed_out,
        (SELECT d.device_uuid FROM device d WHERE d.app_id = app AND d.user_id = who AND d.resource = signed_out));
    IF FOUND THEN
        PERFORM set_config('synchronous_commit', 'on', true);
    END IF;
END $$;

-- Whatever voids all tokens of a user ends all his bindings, in the same transaction.
CREATE FUNCTION "unbind_revoked"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM push_binding b WHERE b.app_id = NEW.app_id AND b.user_id = NEW.user_id;
    RETURN NULL;
END $$;
CREATE TRIGGER "app_user_revoked" AFTER UPDATE OF "token_epoch" ON "app_user" FOR EACH ROW
    WHEN (NEW.token_epoch > OLD.token_epoch) EXECUTE FUNCTION "unbind_revoked"();

-- As before, and a device that gives way gets no pushes any more.
CREATE OR REPLACE FUNCTION "open_sessions"(
    app_ids INTEGER[], user_ids BIGINT[], epochs INTEGER[], resources TEXT[], platforms TEXT[],
    device_uuids TEXT[], device_names TEXT[], session_ids TEXT[], devices_per_platform INTEGER
) RETURNS TABLE (ord INTEGER, verdict INTEGER, displaced TEXT, displaced_session TEXT)
LANGUAGE plpgsql SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    -- Devices that signed out are remembered up to this number per user.
    remembered CONSTANT INTEGER := 20;
    i INTEGER;
    app INTEGER;
    who BIGINT;
    active BOOLEAN;
    epoch INTEGER;
    predecessor TEXT;
    others INTEGER;
    gone INTEGER;
BEGIN
    -- A device row lost in a crash of the server costs nothing: the device reconnects. No need to wait for the disk.
    PERFORM set_config('synchronous_commit', 'off', true);

    FOR i IN
        SELECT a.n FROM unnest(app_ids, user_ids) WITH ORDINALITY AS a(app_id, user_id, n)
        ORDER BY a.app_id, a.user_id, a.n
    LOOP
        app := app_ids[i];
        who := user_ids[i];
        SELECT u.activated, u.token_epoch INTO active, epoch
        FROM app_user u WHERE u.app_id = app AND u.user_id = who FOR NO KEY UPDATE;

        ord := i;
        displaced := NULL;
        displaced_session := NULL;
        verdict := CASE WHEN active IS NULL THEN 2 WHEN NOT active THEN 4 WHEN epoch <> epochs[i] THEN 3 ELSE 1 END;
        RETURN NEXT;
        CONTINUE WHEN verdict <> 1;

        SELECT max(d.session_id) FILTER (WHERE d.resource = resources[i] AND d.logged_out_at IS NULL),
            count(*) FILTER (WHERE d.resource <> resources[i] AND d.logged_out_at IS NULL AND d.platform = platforms[i]),
            count(*) FILTER (WHERE d.logged_out_at IS NOT NULL)
        INTO predecessor, others, gone
        FROM device d WHERE d.app_id = app AND d.user_id = who;

        INSERT INTO device AS d
            (app_id, user_id, resource, platform, device_uuid, device_name, session_id, logged_in_at)
        VALUES (app, who, resources[i], platforms[i], device_uuids[i], device_names[i], session_ids[i], clock_timestamp())
        ON CONFLICT (app_id, user_id, resource) DO UPDATE SET platform = EXCLUDED.platform,
            device_uuid = EXCLUDED.device_uuid, device_name = EXCLUDED.device_name, session_id = EXCLUDED.session_id,
            logged_in_at = EXCLUDED.logged_in_at, logged_out_at = NULL;

        verdict := 0;
        IF predecessor <> session_ids[i] THEN
            displaced := resources[i];
            displaced_session := predecessor;
            RETURN NEXT;
        END IF;
        IF others >= devices_per_platform THEN
            FOR displaced, displaced_session IN
                UPDATE device d SET logged_out_at = clock_timestamp()
                WHERE d.app_id = app AND d.user_id = who AND d.resource IN (
                    SELECT o.resource FROM device o
                    WHERE o.app_id = app AND o.user_id = who AND o.platform = platforms[i]
                        AND o.logged_out_at IS NULL AND o.resource <> resources[i]
                    ORDER BY o.logged_in_at DESC, o.resource OFFSET devices_per_platform - 1)
                RETURNING d.resource, d.session_id
            LOOP
                PERFORM unbind_signed_out(app, who, displaced);
                RETURN NEXT;
            END LOOP;
        END IF;
        IF gone > remembered THEN
            DELETE FROM device d
            WHERE d.app_id = app AND d.user_id = who AND d.resource IN (
                SELECT o.resource FROM device o
                WHERE o.app_id = app AND o.user_id = who AND o.logged_out_at IS NOT NULL
                ORDER BY o.logged_out_at DESC OFFSET remembered);
        END IF;
    END LOOP;
END $$;

-- As before, and of the devices that logged out of themselves the bindings end; those that lost their connection keep
-- theirs. Replicas of the version before go on without the last argument.
DROP FUNCTION "close_sessions"(INTEGER[], BIGINT[], TEXT[], TEXT[]);
CREATE FUNCTION "close_sessions"(
    app_ids INTEGER[], user_ids BIGINT[], resources TEXT[], session_ids TEXT[], logged_out BOOLEAN[] DEFAULT '{}'
) RETURNS VOID LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    i INTEGER;
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    FOR i IN
        SELECT a.n FROM unnest(app_ids, user_ids) WITH ORDINALITY AS a(app_id, user_id, n)
        ORDER BY a.app_id, a.user_id, a.n
    LOOP
        -- Users first, in the order of their keys, as above.
        PERFORM 1 FROM app_user u WHERE u.app_id = app_ids[i] AND u.user_id = user_ids[i] FOR NO KEY UPDATE;
        UPDATE device d SET logged_out_at = clock_timestamp()
        WHERE d.app_id = app_ids[i] AND d.user_id = user_ids[i] AND d.resource = resources[i]
            AND d.session_id = session_ids[i] AND d.logged_out_at IS NULL;
        IF FOUND AND logged_out[i] THEN
            PERFORM unbind_signed_out(app_ids[i], user_ids[i], resources[i]);
        END IF;
    END LOOP;
END $$;
