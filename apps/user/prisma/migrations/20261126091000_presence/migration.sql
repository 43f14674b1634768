-- Gateways that live: each renews its row every few seconds. The first 36 characters of a session id name its gateway.
CREATE TABLE "gateway" (
    "gateway_id" TEXT NOT NULL,
    "seen_at" TIMESTAMPTZ NOT NULL,
    -- Set when it was silent for too long and its devices were signed out.
    "lost_at" TIMESTAMPTZ,

    CONSTRAINT "gateway_pkey" PRIMARY KEY ("gateway_id")
) WITH (fillfactor = 50);

-- What a user has published, and what those who watch him were last told.
CREATE TABLE "presence" (
    "app_id" INTEGER NOT NULL,
    "user_id" BIGINT NOT NULL,
    "ext" TEXT NOT NULL DEFAULT '',
    -- {"<resource>": [status, ms since 1970]}
    "statuses" JSONB NOT NULL DEFAULT '{}',
    "published_at" TIMESTAMPTZ(3),
    "told" TEXT,
    "told_at" TIMESTAMPTZ(3),

    CONSTRAINT "presence_pkey" PRIMARY KEY ("app_id", "user_id"),
    CONSTRAINT "presence_owner" FOREIGN KEY ("app_id", "user_id") REFERENCES "app_user" ("app_id", "user_id") ON DELETE CASCADE
);

CREATE TABLE "presence_subscription" (
    "app_id" INTEGER NOT NULL,
    "subscriber_id" BIGINT NOT NULL,
    "target_id" BIGINT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "presence_subscription_pkey" PRIMARY KEY ("app_id", "subscriber_id", "target_id"),
    CONSTRAINT "presence_subscription_other" CHECK ("subscriber_id" <> "target_id"),
    CONSTRAINT "presence_subscription_subscriber" FOREIGN KEY ("app_id", "subscriber_id") REFERENCES "app_user" ("app_id", "user_id") ON DELETE CASCADE,
    CONSTRAINT "presence_subscription_target" FOREIGN KEY ("app_id", "target_id") REFERENCES "app_user" ("app_id", "user_id") ON DELETE CASCADE
);
CREATE INDEX "presence_subscription_by_target" ON "presence_subscription" ("app_id", "target_id");
CREATE INDEX "presence_subscription_expires_at" ON "presence_subscription" ("expires_at");

-- Users who are watched and whose state may have changed: looked at when due. marks counts what happened, so that what
-- happens while somebody looks is not lost.
CREATE TABLE "presence_due" (
    "app_id" INTEGER NOT NULL,
    "user_id" BIGINT NOT NULL,
    "due_at" TIMESTAMPTZ NOT NULL,
    "marks" BIGINT NOT NULL DEFAULT 1,

    CONSTRAINT "presence_due_pkey" PRIMARY KEY ("app_id", "user_id"),
    CONSTRAINT "presence_due_owner" FOREIGN KEY ("app_id", "user_id") REFERENCES "app_user" ("app_id", "user_id") ON DELETE CASCADE
);
CREATE INDEX "presence_due_due_at" ON "presence_due" ("due_at");

CREATE FUNCTION "presence_changed"(p_app INTEGER, p_user BIGINT, p_delay INTERVAL) RETURNS VOID LANGUAGE sql AS $$
    INSERT INTO presence_due AS d (app_id, user_id, due_at) VALUES (p_app, p_user, clock_timestamp() + p_delay)
    ON CONFLICT (app_id, user_id) DO UPDATE SET due_at = least(d.due_at, EXCLUDED.due_at), marks = d.marks + 1
$$;

-- A device came or went: in the transaction of the login, the logout or the loss of its gateway, so that nothing can be
-- forgotten, and only for users whom somebody watches. Who goes has 5 seconds to come back (apps/user/src/presence).
CREATE FUNCTION "device_presence"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM presence_subscription s WHERE s.app_id = NEW.app_id AND s.target_id = NEW.user_id) THEN
        PERFORM presence_changed(NEW.app_id, NEW.user_id,
            CASE WHEN NEW.logged_out_at IS NULL THEN interval '300 ms' ELSE interval '5 s' END + random() * interval '700 ms');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER "device_signed_in" AFTER INSERT ON "device" FOR EACH ROW EXECUTE FUNCTION "device_presence"();
CREATE TRIGGER "device_came_or_went" AFTER UPDATE ON "device" FOR EACH ROW
    WHEN ((OLD.logged_out_at IS NULL) IS DISTINCT FROM (NEW.logged_out_at IS NULL)) EXECUTE FUNCTION "device_presence"();
