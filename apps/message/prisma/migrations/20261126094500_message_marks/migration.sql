-- Marks for the trace of messages: when ranges of a timeline were published, read by a device, acknowledged by a device. Not
-- logged: a trace is worth no write to the disk before a message is answered; after a crash of PostgreSQL it begins anew.
CREATE UNLOGGED TABLE message_mark (
  app_id          integer     NOT NULL,
  conversation_id bigint      NOT NULL,
  -- The last id of the range, and the first; 0 = everything before.
  to_id           bigint      NOT NULL,
  from_id         bigint      NOT NULL,
  -- 1 published, 2 pulled, 3 acknowledged
  kind            smallint    NOT NULL,
  -- Whose device; 0 for published
  user_id         bigint      NOT NULL,
  resource        text        NOT NULL,
  at              timestamptz NOT NULL
);
CREATE INDEX message_mark_by_range ON message_mark (app_id, conversation_id, to_id);
CREATE INDEX message_mark_by_age ON message_mark (app_id, at);
