-- When earlier tokens were last voided: tokens that somebody else made carry no epoch of ours, only their time of issue.
ALTER TABLE "app_user" ADD COLUMN "tokens_valid_from" TIMESTAMPTZ(3);

-- The latest revocation of each user, for as long as an edge may have missed the message.
CREATE TABLE "revocation" (
    "app_id" INTEGER NOT NULL,
    "user_id" BIGINT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "operation" INTEGER NOT NULL,
    "reason" TEXT NOT NULL,
    "revoked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "revocation_pkey" PRIMARY KEY ("app_id", "user_id")
);

CREATE INDEX "revocation_revoked_at_idx" ON "revocation"("revoked_at");
