-- As before, and it also names the session that gives way: a kick that names only the device could end a session that
-- the device began after it. Replicas of the version before go on reading the columns that they know.
DROP FUNCTION "open_sessions"(INTEGER[], BIGINT[], INTEGER[], TEXT[], TEXT[], TEXT[], TEXT[], TEXT[], INTEGER);
CREATE FUNCTION "open_sessions"(
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
