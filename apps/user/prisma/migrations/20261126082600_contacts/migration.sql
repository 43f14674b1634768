-- What two users are to each other: one row for the pair, so that a contact cannot be one-sided or doubled. Whoever
-- writes it holds the rows of both users (app_user, in key order), or of the one who is deleted.
CREATE TABLE "contact_pair" (
    "app_id" INTEGER NOT NULL,
    -- The smaller user id.
    "low_id" BIGINT NOT NULL,
    "high_id" BIGINT NOT NULL,
    -- 0 the low one has invited the high one, 1 the high one has invited the low one, 2 contacts
    "state" SMALLINT NOT NULL,
    -- What each calls the other.
    "low_remark" TEXT NOT NULL DEFAULT '',
    "high_remark" TEXT NOT NULL DEFAULT '',
    -- Text of an invitation.
    "reason" TEXT NOT NULL DEFAULT '',
    -- When an invitation lapses; null = contacts.
    "expires_at" TIMESTAMPTZ(3),
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "contact_pair_pkey" PRIMARY KEY ("app_id", "low_id", "high_id"),
    CONSTRAINT "contact_pair_order" CHECK ("low_id" < "high_id"),
    CONSTRAINT "contact_pair_state" CHECK ("state" IN (0, 1, 2) AND ("state" = 2) = ("expires_at" IS NULL))
);

CREATE INDEX "contact_pair_app_id_high_id_low_id_idx" ON "contact_pair"("app_id", "high_id", "low_id");
CREATE INDEX "contact_pair_expires_at_idx" ON "contact_pair"("expires_at") WHERE "expires_at" IS NOT NULL;

CREATE TABLE "user_block" (
    "app_id" INTEGER NOT NULL,
    "user_id" BIGINT NOT NULL,
    "blocked_id" BIGINT NOT NULL,
    -- Order of blocking.
    "seq" BIGINT GENERATED ALWAYS AS IDENTITY,
    "blocked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "user_block_pkey" PRIMARY KEY ("app_id", "user_id", "blocked_id"),
    CONSTRAINT "user_block_other" CHECK ("user_id" <> "blocked_id")
);

CREATE INDEX "user_block_app_id_user_id_seq_idx" ON "user_block"("app_id", "user_id", "seq");
CREATE INDEX "user_block_app_id_blocked_id_idx" ON "user_block"("app_id", "blocked_id");

-- Users that an administrator has silenced in the whole app.
CREATE TABLE "global_mute" (
    "app_id" INTEGER NOT NULL,
    "user_id" BIGINT NOT NULL,
    -- chat, groupchat or chatroom
    "kind" TEXT NOT NULL,
    -- 'infinity' = for ever
    "until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "global_mute_pkey" PRIMARY KEY ("app_id", "user_id", "kind"),
    CONSTRAINT "global_mute_kind" CHECK ("kind" IN ('chat', 'groupchat', 'chatroom'))
);

CREATE INDEX "global_mute_until_idx" ON "global_mute"("until");

-- News of contacts and block lists, written with the change and taken away when devices (system queues) and other services
-- (JetStream) have it. Ids of one pair are in the order of its changes.
CREATE TABLE "contact_news" (
    "id" BIGINT GENERATED ALWAYS AS IDENTITY,
    "app_id" INTEGER NOT NULL,
    "app_uuid" UUID NOT NULL,
    "org" TEXT NOT NULL,
    "app" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "actor_id" BIGINT NOT NULL,
    "actor" TEXT NOT NULL,
    -- The device that acted; '' = a server.
    "resource" TEXT NOT NULL DEFAULT '',
    "other_id" BIGINT NOT NULL,
    "other" TEXT NOT NULL,
    "reason" TEXT NOT NULL DEFAULT '',
    -- Not told to devices.
    "silent" BOOLEAN NOT NULL DEFAULT false,
    "happened_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "contact_news_pkey" PRIMARY KEY ("id")
);
