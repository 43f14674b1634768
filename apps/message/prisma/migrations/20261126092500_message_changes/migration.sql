-- What happens to a message after it was sent: recall, edit, a time to live, reactions. Recalls and edits are rows of the
-- timeline, whose ack_id names the message that they change.

-- Operations that name a message by its id alone (REST recall and edit, reactions, trace) find it here. Ids grow with time,
-- so rows go to the end of the index; it also serves what the block range index did (events published again from an id on).
DROP INDEX message_by_time;
CREATE INDEX message_by_id ON message (id);

-- Messages with a time to live that are not gone yet.
CREATE TABLE message_expiry (
  app_id          integer NOT NULL,
  conversation_id bigint  NOT NULL,
  message_id      bigint  NOT NULL,
  sender_id       bigint  NOT NULL,
  ttl_seconds     integer NOT NULL CHECK (ttl_seconds > 0),
  -- NULL until the time begins to run (a message that counts from its reading). Moved ahead while a replica is at it.
  due_at          timestamptz,
  PRIMARY KEY (app_id, conversation_id, message_id)
);
CREATE INDEX message_expiry_due ON message_expiry (due_at) WHERE due_at IS NOT NULL;

-- As append_messages; a message with p_ttl also gets its row here, in the same transaction. With p_from_read its time begins
-- with the recipient's reading, else now.
CREATE FUNCTION append_expiring_messages(
  p_app integer[], p_conversation bigint[], p_sender bigint[], p_resource text[], p_client bigint[],
  p_audience smallint[], p_body_type smallint[], p_to_resource text[], p_meta bytea[], p_remember interval, p_ack bigint[],
  p_ttl integer[], p_from_read boolean[])
RETURNS TABLE (ord bigint, id bigint, seq bigint, repeated boolean)
LANGUAGE sql AS $$
  WITH appended AS MATERIALIZED (
    SELECT a.ord, a.id, a.seq, a.repeated
      FROM append_messages(p_app, p_conversation, p_sender, p_resource, p_client, p_audience, p_body_type, p_to_resource, p_meta,
                           p_remember, p_ack) a
  ), timed AS (
    INSERT INTO message_expiry (app_id, conversation_id, message_id, sender_id, ttl_seconds, due_at)
    SELECT p_app[a.ord], p_conversation[a.ord], a.id, p_sender[a.ord], p_ttl[a.ord],
           CASE WHEN NOT p_from_read[a.ord] THEN clock_timestamp() + p_ttl[a.ord] * interval '1 second' END
      FROM appended a
     WHERE NOT a.repeated AND p_ttl[a.ord] IS NOT NULL
  )
  SELECT a.ord, a.id, a.seq, a.repeated FROM appended a
$$;

-- Acknowledgements: what each refers to, if it is a message of that conversation which the other side wrote; a reading starts
-- the time of what it reads (p_message 0: of everything in the conversation).
CREATE FUNCTION acknowledge_messages(p_app integer[], p_conversation bigint[], p_message bigint[], p_author bigint[], p_reads boolean[])
RETURNS TABLE (ord bigint, state smallint)
LANGUAGE sql AS $$
  WITH ack AS MATERIALIZED (
    SELECT * FROM unnest(p_app, p_conversation, p_message, p_author, p_reads)
      WITH ORDINALITY AS a(app_id, conversation_id, message_id, author_id, reads, ord)
  ), begun AS MATERIALIZED (
    -- In key order, so that two batches never wait for each other crosswise.
    SELECT e.app_id, e.conversation_id, e.message_id
      FROM message_expiry e JOIN ack a ON a.app_id = e.app_id AND a.conversation_id = e.conversation_id
     WHERE a.reads AND e.due_at IS NULL AND e.sender_id = a.author_id AND (a.message_id = 0 OR a.message_id = e.message_id)
     ORDER BY 1, 2, 3
       FOR UPDATE OF e
  ), started AS (
    UPDATE message_expiry e SET due_at = clock_timestamp() + e.ttl_seconds * interval '1 second'
      FROM begun b
     WHERE e.app_id = b.app_id AND e.conversation_id = b.conversation_id AND e.message_id = b.message_id AND e.due_at IS NULL
  )
  SELECT a.ord, m.state
    FROM ack a
    JOIN message m ON m.app_id = a.app_id AND m.conversation_id = a.conversation_id AND m.id = a.message_id
   WHERE m.sender_id = a.author_id AND m.body_type < 48
$$;

-- Reactions: the kinds of a message, and who gave each.
CREATE SEQUENCE reaction_ids AS bigint;
CREATE TABLE reaction (
  app_id          integer     NOT NULL,
  message_id      bigint      NOT NULL,
  reaction        text        NOT NULL,
  reaction_id     bigint      NOT NULL DEFAULT nextval('reaction_ids'),
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (app_id, message_id, reaction),
  CONSTRAINT reaction_length CHECK (char_length(reaction) BETWEEN 1 AND 128)
);
CREATE TABLE reaction_by (
  app_id      integer     NOT NULL,
  message_id  bigint      NOT NULL,
  reaction    text        NOT NULL,
  user_id     bigint      NOT NULL,
  username    text        NOT NULL,
  reacted_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (app_id, message_id, reaction, user_id),
  FOREIGN KEY (app_id, message_id, reaction) REFERENCES reaction ON DELETE CASCADE
);
-- Old ones go with the messages: oldest first.
CREATE INDEX reaction_by_age ON reaction (message_id);
