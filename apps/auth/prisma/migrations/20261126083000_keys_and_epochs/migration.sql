-- A key is published before it signs, and verifies until the last token that it signed could be alive.
ALTER TABLE "signing_key"
    ALTER COLUMN "private_jwk" DROP NOT NULL, -- erased when the key has signed its last token
    ADD COLUMN "sign_from" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    ADD COLUMN "covers_until_ms" BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN "revoked_at" TIMESTAMPTZ(3);

-- Nobody knows how long the tokens live that these have signed so far: for ever (the largest integer of JavaScript).
UPDATE "signing_key" SET "sign_from" = "created_at", "covers_until_ms" = 9007199254740991;

-- Tokens of an app (not of its users): those of an earlier epoch are void.
ALTER TABLE "app"
    ADD COLUMN "token_epoch" INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN "tokens_valid_from" TIMESTAMPTZ(3);
CREATE INDEX "app_tokens_valid_from_idx" ON "app"("tokens_valid_from");
