-- Organisations that ask to be registered and wait for an operator. The name is theirs until he decides, or for 30 days.
CREATE TABLE "organisation_registration" (
    "name" TEXT NOT NULL,
    "display_name" TEXT NOT NULL,
    "owner_login" TEXT NOT NULL,
    "owner_name" TEXT NOT NULL,
    -- scrypt
    "secret_hash" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "asked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "organisation_registration_pkey" PRIMARY KEY ("name"),
    CONSTRAINT "organisation_registration_name_check" CHECK ("name" <> '-')
);
CREATE INDEX "organisation_registration_asked_idx" ON "organisation_registration"("asked_at");
