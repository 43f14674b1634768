-- Administrators of organisations and of the platform, what they did, and how they sign in; apps with several secrets
-- and a state. Every key of theirs begins with the organisation.

ALTER TABLE "organisation" ADD COLUMN "display_name" TEXT NOT NULL DEFAULT '';

-- The platform itself: its administrators are the operators. A name that nobody can register.
INSERT INTO "organisation" ("name", "display_name") VALUES ('-', 'The platform');

ALTER TABLE "app"
    ADD COLUMN "description" TEXT NOT NULL DEFAULT '',
    -- active; suspended: refuses everything; purging: its rows are being deleted, there is no way back
    ADD COLUMN "state" TEXT NOT NULL DEFAULT 'active',
    -- Set: suspended in order to be purged then.
    ADD COLUMN "purge_at" TIMESTAMPTZ(3),
    ADD CONSTRAINT "app_state_check" CHECK ("state" IN ('active', 'suspended', 'purging')),
    ADD CONSTRAINT "app_purge_check" CHECK ("purge_at" IS NULL OR "state" <> 'active');
CREATE UNIQUE INDEX "app_org_app_id_key" ON "app"("org", "app_id");
CREATE INDEX "app_purge_at_idx" ON "app"("purge_at") WHERE "purge_at" IS NOT NULL;

-- Two at most are valid at a time: the one in use and its successor.
CREATE TABLE "app_secret" (
    "app_id" INTEGER NOT NULL,
    "secret_id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "secret_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3),

    CONSTRAINT "app_secret_pkey" PRIMARY KEY ("app_id", "secret_id"),
    CONSTRAINT "app_secret_app_fkey" FOREIGN KEY ("app_id") REFERENCES "app"("app_id") ON DELETE CASCADE
);
INSERT INTO "app_secret" ("app_id", "secret_hash", "created_at") SELECT "app_id", "client_secret_hash", "created_at" FROM "app";
ALTER TABLE "app" DROP COLUMN "client_secret_hash";

-- People and machines (API keys): one table, so that there is one way to check what somebody may do.
CREATE TABLE "administrator" (
    "org" TEXT NOT NULL,
    "admin_id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "kind" TEXT NOT NULL,
    -- A person's name for signing in, a key's client id.
    "login" TEXT NOT NULL,
    "label" TEXT NOT NULL DEFAULT '',
    -- scrypt for a person's password; SHA-256 for a key's secret, which is 256 random bits.
    "secret_hash" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "all_apps" BOOLEAN NOT NULL,
    -- Tokens of an earlier epoch are void.
    "epoch" INTEGER NOT NULL DEFAULT 0,
    "disabled" BOOLEAN NOT NULL DEFAULT false,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(3),
    -- Keys only.
    "expires_at" TIMESTAMPTZ(3),

    CONSTRAINT "administrator_pkey" PRIMARY KEY ("org", "admin_id"),
    CONSTRAINT "administrator_org_fkey" FOREIGN KEY ("org") REFERENCES "organisation"("name") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "administrator_kind_check" CHECK ("kind" IN ('person', 'key')),
    CONSTRAINT "administrator_role_check" CHECK ("role" IN ('operator', 'owner', 'admin', 'app_admin', 'support', 'read_only')),
    CONSTRAINT "administrator_operator_check" CHECK (("role" = 'operator') = ("org" = '-')),
    CONSTRAINT "administrator_scope_check" CHECK (CASE WHEN "role" IN ('operator', 'owner', 'admin') THEN "all_apps" WHEN "role" = 'app_admin' THEN NOT "all_apps" ELSE true END)
);
CREATE UNIQUE INDEX "administrator_org_login_key" ON "administrator"("org", "login");

-- The apps of an administrator who does not see all of his organisation. They are the organisation's own by the keys.
CREATE TABLE "administrator_app" (
    "org" TEXT NOT NULL,
    "admin_id" UUID NOT NULL,
    "app_id" INTEGER NOT NULL,

    CONSTRAINT "administrator_app_pkey" PRIMARY KEY ("org", "admin_id", "app_id"),
    CONSTRAINT "administrator_app_admin_fkey" FOREIGN KEY ("org", "admin_id") REFERENCES "administrator"("org", "admin_id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "administrator_app_app_fkey" FOREIGN KEY ("org", "app_id") REFERENCES "app"("org", "app_id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "administrator_app_app_idx" ON "administrator_app"("org", "app_id");

CREATE TABLE "invitation" (
    "org" TEXT NOT NULL,
    "invitation_id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "token_hash" BYTEA NOT NULL,
    "login" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "all_apps" BOOLEAN NOT NULL,
    "app_ids" INTEGER[] NOT NULL,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "accepted_at" TIMESTAMPTZ(3),

    CONSTRAINT "invitation_pkey" PRIMARY KEY ("org", "invitation_id"),
    CONSTRAINT "invitation_org_fkey" FOREIGN KEY ("org") REFERENCES "organisation"("name") ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "invitation_token_hash_key" ON "invitation"("token_hash");

-- A person who is signed in. Its refresh tokens form one chain: a token that comes twice ends the session.
CREATE TABLE "admin_session" (
    "org" TEXT NOT NULL,
    "admin_id" UUID NOT NULL,
    "session_id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "client_id" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "user_agent" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "admin_session_pkey" PRIMARY KEY ("org", "admin_id", "session_id"),
    CONSTRAINT "admin_session_admin_fkey" FOREIGN KEY ("org", "admin_id") REFERENCES "administrator"("org", "admin_id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "admin_session_expires_idx" ON "admin_session"("expires_at");

-- Only hashes: whoever reads these tables cannot sign in with what he finds.
CREATE TABLE "refresh_token" (
    "token_hash" BYTEA NOT NULL,
    "org" TEXT NOT NULL,
    "admin_id" UUID NOT NULL,
    "session_id" UUID NOT NULL,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "refresh_token_pkey" PRIMARY KEY ("token_hash"),
    CONSTRAINT "refresh_token_session_fkey" FOREIGN KEY ("org", "admin_id", "session_id") REFERENCES "admin_session"("org", "admin_id", "session_id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "refresh_token_session_idx" ON "refresh_token"("org", "admin_id", "session_id");

CREATE TABLE "authorization_code" (
    "code_hash" BYTEA NOT NULL,
    "org" TEXT NOT NULL,
    "admin_id" UUID NOT NULL,
    "epoch" INTEGER NOT NULL,
    "client_id" TEXT NOT NULL,
    "redirect_uri" TEXT NOT NULL,
    "code_challenge" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),
    -- Made from this code: ended when the code comes again.
    "session_id" UUID,

    CONSTRAINT "authorization_code_pkey" PRIMARY KEY ("code_hash"),
    CONSTRAINT "authorization_code_admin_fkey" FOREIGN KEY ("org", "admin_id") REFERENCES "administrator"("org", "admin_id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "authorization_code_expires_idx" ON "authorization_code"("expires_at");

-- Attempts to prove who one is, counted here because any replica may get the next one.
CREATE TABLE "sign_in_attempt" (
    "key" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "sign_in_attempt_pkey" PRIMARY KEY ("key")
);
CREATE INDEX "sign_in_attempt_until_idx" ON "sign_in_attempt"("until");

-- Outlives what it tells of, so it refers to nothing.
CREATE TABLE "audit_entry" (
    "org" TEXT NOT NULL,
    "entry_id" BIGINT GENERATED ALWAYS AS IDENTITY,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor_id" UUID,
    "actor_org" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "act" TEXT NOT NULL,
    "app" TEXT NOT NULL DEFAULT '',
    "target" TEXT NOT NULL DEFAULT '',
    "detail" JSONB NOT NULL DEFAULT '{}',
    "address" TEXT NOT NULL,
    "user_agent" TEXT NOT NULL,
    -- done, or the code of the error
    "outcome" TEXT NOT NULL,

    CONSTRAINT "audit_entry_pkey" PRIMARY KEY ("org", "entry_id")
);
CREATE INDEX "audit_entry_app_idx" ON "audit_entry"("org", "app", "entry_id") WHERE "app" <> '';
CREATE INDEX "audit_entry_at_idx" ON "audit_entry" USING brin ("at");

-- What was written stays as it was written.
CREATE FUNCTION "audit_entry_is_final"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is never changed';
END $$;
CREATE TRIGGER "audit_entry_is_final" BEFORE UPDATE ON "audit_entry" FOR EACH ROW EXECUTE FUNCTION "audit_entry_is_final"();
