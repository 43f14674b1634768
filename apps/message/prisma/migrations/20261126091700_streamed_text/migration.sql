-- Text that is still coming. The message itself is a row of its timeline from the first chunk on; here is what later chunks
-- are checked against.
CREATE TABLE stream_message (
  app_id          integer     NOT NULL,
  message_id      bigint      NOT NULL,
  -- null: the recipient does not exist; chunks are taken, and nobody gets them
  conversation_id bigint,
  sender_id       bigint      NOT NULL,
  sender          text        NOT NULL,
  recipient_id    bigint,
  recipient       text        NOT NULL,
  app_key         text        NOT NULL,
  text_type       text        NOT NULL,
  -- encoded attributes
  ext             bytea[]     NOT NULL,
  content         text        NOT NULL,
  -- seq of the last chunk
  seq             bigint      NOT NULL,
  started_at      timestamptz NOT NULL DEFAULT now(),
  last_at         timestamptz NOT NULL DEFAULT now(),
  -- 0 coming; 1 finished; 2 too long between two chunks; 3 too long in all; 4 too many bytes
  state           smallint    NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 4),
  PRIMARY KEY (app_id, message_id)
);
CREATE INDEX stream_message_coming ON stream_message (last_at) WHERE state = 0;
CREATE INDEX stream_message_over ON stream_message (last_at) WHERE state > 0;
