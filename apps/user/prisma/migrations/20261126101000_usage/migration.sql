-- What apps use. Days and months are UTC. Who was active is kept in rows for as long as the day (the month) may still grow;
-- then the rows are deleted and their number is added to the figure, in one statement: figure + rows is right at any moment.
CREATE TABLE "active_user" (
    "app_id" INTEGER NOT NULL,
    "day" DATE NOT NULL,
    "user_id" BIGINT NOT NULL,

    CONSTRAINT "active_user_pkey" PRIMARY KEY ("app_id", "day", "user_id")
);

CREATE TABLE "active_user_month" (
    "app_id" INTEGER NOT NULL,
    -- Its first day.
    "month" DATE NOT NULL,
    "user_id" BIGINT NOT NULL,

    CONSTRAINT "active_user_month_pkey" PRIMARY KEY ("app_id", "month", "user_id")
);

CREATE TABLE "usage_day" (
    "app_id" INTEGER NOT NULL,
    "day" DATE NOT NULL,
    "active_users" BIGINT NOT NULL DEFAULT 0,
    "peak_connections" BIGINT NOT NULL DEFAULT 0,
    -- At the last look of the day.
    "registered_users" BIGINT,

    CONSTRAINT "usage_day_pkey" PRIMARY KEY ("app_id", "day")
) WITH (fillfactor = 70);

CREATE TABLE "usage_month" (
    "app_id" INTEGER NOT NULL,
    "month" DATE NOT NULL,
    "active_users" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "usage_month_pkey" PRIMARY KEY ("app_id", "month")
);

-- open_sessions for a batch in which an app has a quota: verdicts 5 (connections) and 6 (active users of the day) as well.
-- Logins of such an app take turns. Null = no quota. A device that is signed in may always come back, and a user who was
-- active today may always come again.
CREATE FUNCTION "open_sessions_within"(
    app_ids INTEGER[], user_ids BIGINT[], epochs INTEGER[], resources TEXT[], platforms TEXT[],
    device_uuids TEXT[], device_names TEXT[], session_ids TEXT[], devices_per_platform INTEGER,
    connections_most INTEGER[], daily_most INTEGER[]
) RETURNS TABLE (ord INTEGER, verdict INTEGER, displaced TEXT, displaced_session TEXT)
LANGUAGE plpgsql SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    today DATE;
    i INTEGER;
    app INTEGER;
    who BIGINT;
    counted INTEGER;
    online INTEGER;
    active INTEGER;
    is_online BOOLEAN;
    is_active BOOLEAN;
    one RECORD;
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    -- All apps before any user, in order: nobody waits crosswise.
    FOR app IN
        SELECT DISTINCT a.app_id FROM unnest(app_ids, connections_most, daily_most) AS a(app_id, connections, daily)
        WHERE a.connections IS NOT NULL OR a.daily IS NOT NULL ORDER BY 1
    LOOP
        PERFORM pg_advisory_xact_lock(hashtext('parley.user.sessions'), app);
    END LOOP;
    today := (clock_timestamp() AT TIME ZONE 'UTC')::date;

    FOR i IN
        SELECT a.n FROM unnest(app_ids, user_ids) WITH ORDINALITY AS a(app_id, user_id, n)
        ORDER BY a.app_id, a.user_id, a.n
    LOOP
        app := app_ids[i];
        who := user_ids[i];
        IF counted IS DISTINCT FROM app THEN
            counted := app;
            online := 0;
            active := 0;
            -- No further than the quota: what lies beyond makes no difference.
            IF connections_most[i] IS NOT NULL THEN
                SELECT count(*) INTO online FROM (SELECT 1 FROM device d
                    WHERE d.app_id = app AND d.logged_out_at IS NULL LIMIT connections_most[i]) few;
            END IF;
            IF daily_most[i] IS NOT NULL THEN
                SELECT count(*) INTO active FROM (SELECT 1 FROM active_user a
                    WHERE a.app_id = app AND a.day = today LIMIT daily_most[i]) few;
            END IF;
        END IF;

        is_online := EXISTS (SELECT 1 FROM device d
            WHERE d.app_id = app AND d.user_id = who AND d.resource = resources[i] AND d.logged_out_at IS NULL);
        is_active := EXISTS (SELECT 1 FROM active_user a WHERE a.app_id = app AND a.day = today AND a.user_id = who);
        ord := i;
        displaced := NULL;
        displaced_session := NULL;
        verdict := CASE WHEN NOT is_online AND online >= connections_most[i] THEN 5
            WHEN NOT is_active AND active >= daily_most[i] THEN 6 ELSE 0 END;
        IF verdict <> 0 THEN
            RETURN NEXT;
            CONTINUE;
        END IF;

        FOR one IN
            SELECT o.verdict, o.displaced, o.displaced_session
            FROM open_sessions(ARRAY[app], ARRAY[who], ARRAY[epochs[i]], ARRAY[resources[i]], ARRAY[platforms[i]],
                ARRAY[device_uuids[i]], ARRAY[device_names[i]], ARRAY[session_ids[i]], devices_per_platform) o
        LOOP
            verdict := one.verdict;
            displaced := one.displaced;
            displaced_session := one.displaced_session;
            RETURN NEXT;
            IF one.verdict = 1 THEN
                IF NOT is_online THEN
                    online := online + 1;
                END IF;
                INSERT INTO active_user (app_id, day, user_id) VALUES (app, today, who) ON CONFLICT DO NOTHING;
                IF FOUND THEN
                    active := active + 1;
                    INSERT INTO active_user_month (app_id, month, user_id)
                    VALUES (app, date_trunc('month', today)::date, who) ON CONFLICT DO NOTHING;
                END IF;
            END IF;
        END LOOP;
    END LOOP;
END $$;

-- New users of an app that may have at most `most`: registrations of such an app take turns. Names that are taken, and
-- those beyond the quota, are left out.
CREATE FUNCTION "insert_accounts_within"(app INTEGER, names TEXT[], hashes TEXT[], nicknames TEXT[], most INTEGER)
RETURNS SETOF app_user LANGUAGE plpgsql AS $$
DECLARE
    present INTEGER;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('parley.user.registrations'), app);
    SELECT count(*) INTO present FROM (SELECT 1 FROM app_user u WHERE u.app_id = app LIMIT most) few;
    RETURN QUERY
    INSERT INTO app_user (app_id, username, password_hash, nickname)
    SELECT app, a.username, a.password_hash, a.nickname
    FROM unnest(names, hashes, nicknames) WITH ORDINALITY AS a(username, password_hash, nickname, n)
    WHERE NOT EXISTS (SELECT 1 FROM app_user u WHERE u.app_id = app AND u.username = a.username)
    ORDER BY a.n LIMIT most - present
    ON CONFLICT (app_id, username) DO NOTHING RETURNING *;
END $$;
