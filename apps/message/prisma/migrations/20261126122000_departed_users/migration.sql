-- Users who were deleted, until no conversation of theirs is left. One of which both sides are gone has no reader and no writer:
-- when retention has taken its messages, its row goes, too.
CREATE TABLE departed_user (
  app_id  integer     NOT NULL,
  user_id bigint      NOT NULL,
  -- When retention looks at his conversations again.
  look_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (app_id, user_id)
);
CREATE INDEX departed_user_due ON departed_user (look_at);
