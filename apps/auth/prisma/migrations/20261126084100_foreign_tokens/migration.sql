-- AccessToken2: an id for life, and certificates that follow each other.
ALTER TABLE "app" ADD COLUMN "token_app_id" TEXT;
CREATE UNIQUE INDEX "app_token_app_id_key" ON "app"("token_app_id");

CREATE TABLE "app_certificate" (
    "app_id" INTEGER NOT NULL,
    "certificate_id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "sealed" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),

    CONSTRAINT "app_certificate_pkey" PRIMARY KEY ("app_id", "certificate_id"),
    CONSTRAINT "app_certificate_app_id_fkey" FOREIGN KEY ("app_id") REFERENCES "app"("app_id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- Dynamic tokens are checked with the client secret itself, which its hash does not give back. Only ever encrypted.
ALTER TABLE "app_secret" ADD COLUMN "sealed" TEXT;

CREATE TABLE "token_issuer" (
    "app_id" INTEGER NOT NULL,
    "issuer" TEXT NOT NULL,
    "audiences" TEXT[] NOT NULL,
    "jwks_url" TEXT,
    "jwks" JSONB,
    "username_claim" TEXT NOT NULL DEFAULT 'sub',
    "auto_create" BOOLEAN NOT NULL DEFAULT false,
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "token_issuer_pkey" PRIMARY KEY ("app_id", "issuer"),
    CONSTRAINT "token_issuer_app_id_fkey" FOREIGN KEY ("app_id") REFERENCES "app"("app_id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "token_issuer_keys" CHECK (("jwks_url" IS NULL) <> ("jwks" IS NULL))
);
