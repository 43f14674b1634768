-- What may happen to a message after it was stored, and which rows are messages that people see.

-- A row is never deleted before its partition: seq has no holes. Whoever takes a message away empties its meta and sets:
-- 0 there, 1 recalled, 2 removed for everybody, 3 expired.
ALTER TABLE message
  ADD COLUMN state smallint NOT NULL DEFAULT 0,
  ADD COLUMN edits smallint NOT NULL DEFAULT 0;

-- Whether a row is a message that history, unread counts and conversation lists know: type NORMAL, CHAT or GROUPCHAT, and
-- no command.
CREATE FUNCTION is_content(p_body_type smallint) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT p_body_type < 48 AND (p_body_type & 15) <> 6
$$;

-- The newest row that people see as a message; 0 = none yet. It may have been taken away since.
ALTER TABLE conversation ADD COLUMN last_content_id bigint NOT NULL DEFAULT 0;

UPDATE conversation c SET last_content_id = coalesce(
  (SELECT max(m.id) FROM message m WHERE m.app_id = c.app_id AND m.conversation_id = c.conversation_id AND is_content(m.body_type)), 0);

-- The system queue of a user is a conversation with party 0, whose rows are no MessageBody: body_type 32767.

-- Appends a batch of at most 1024 messages in its order and answers id and seq of each. A message whose sender,
-- device and client id are already stored in that conversation (within p_remember) answers what it got the first time.
-- A message of a conversation that does not exist is left out of the answer.
CREATE OR REPLACE FUNCTION append_messages(
  p_app integer[], p_conversation bigint[], p_sender bigint[], p_resource text[], p_client bigint[],
  p_audience smallint[], p_body_type smallint[], p_to_resource text[], p_meta bytea[], p_remember interval)
RETURNS TABLE (ord bigint, id bigint, seq bigint, repeated boolean)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET enable_hashjoin = off
SET enable_mergejoin = off
SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
  v_low   bigint := nextval('message_blocks') * 1024;
  v_floor bigint := id_at(now() - p_remember);
  v_ms    bigint;
BEGIN
  -- In key order, so that two batches never wait for each other crosswise. A statement of its own: what follows must
  -- see what the earlier holder of a lock committed.
  PERFORM 1
     FROM (SELECT DISTINCT u.app_id, u.conversation_id FROM unnest(p_app, p_conversation) AS u(app_id, conversation_id)) w
     JOIN conversation c ON c.app_id = w.app_id AND c.conversation_id = w.conversation_id
    ORDER BY c.app_id, c.conversation_id
      FOR UPDATE OF c;
  v_ms := (extract(epoch FROM clock_timestamp()) * 1000)::bigint - 1577836800000;

  RETURN QUERY
  WITH item AS MATERIALIZED (
    SELECT * FROM unnest(p_app, p_conversation, p_sender, p_resource, p_client, p_audience, p_body_type, p_to_resource, p_meta)
      WITH ORDINALITY AS i(app_id, conversation_id, sender_id, sender_resource, client_id, audience, body_type, to_resource, meta, ord)
  ), known AS MATERIALIZED (
    SELECT i.ord, m.id, m.seq
      FROM item i
      CROSS JOIN LATERAL (
        SELECT m.id, m.seq FROM message m
         WHERE m.app_id = i.app_id AND m.conversation_id = i.conversation_id AND m.client_id = i.client_id
           AND m.sender_id = i.sender_id AND m.sender_resource = i.sender_resource AND m.id > v_floor
         LIMIT 1) m
  ), fresh AS MATERIALIZED (
    SELECT i.*, c.last_seq + row_number() OVER (PARTITION BY i.app_id, i.conversation_id ORDER BY i.ord) AS seq,
           -- The clock may stand still or step back; ids of a conversation may not.
           ((CASE WHEN (greatest(v_ms, c.last_id >> 22) << 22 | v_low) > c.last_id THEN greatest(v_ms, c.last_id >> 22)
                  ELSE (c.last_id >> 22) + 1 END) << 22 | v_low) + i.ord - 1 AS id
      FROM item i
      JOIN conversation c ON c.app_id = i.app_id AND c.conversation_id = i.conversation_id
     WHERE NOT EXISTS (SELECT 1 FROM known k WHERE k.ord = i.ord)
  ), stored AS (
    INSERT INTO message (app_id, conversation_id, id, seq, sender_id, sender_resource, client_id, audience, body_type, to_resource, meta)
    SELECT f.app_id, f.conversation_id, f.id, f.seq, f.sender_id, f.sender_resource, f.client_id, f.audience, f.body_type, f.to_resource, f.meta
      FROM fresh f
  ), moved AS (
    UPDATE conversation c SET last_seq = f.seq, last_id = f.id, last_content_id = coalesce(f.content_id, c.last_content_id)
      FROM (SELECT f.app_id, f.conversation_id, max(f.seq) AS seq, max(f.id) AS id,
                   max(f.id) FILTER (WHERE is_content(f.body_type)) AS content_id
              FROM fresh f GROUP BY 1, 2) f
     WHERE c.app_id = f.app_id AND c.conversation_id = f.conversation_id
  )
  SELECT f.ord, f.id, f.seq, false FROM fresh f
  UNION ALL
  SELECT k.ord, k.id, k.seq, true FROM known k;
END $$;

-- Queues in which the device has something to read, longest quiet first; counts stop at 200.
CREATE OR REPLACE FUNCTION unread_of(p_app integer, p_user bigint, p_resource text, p_most integer)
RETURNS TABLE (conversation_id bigint, peer text, n integer)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  PERFORM enrol_device(p_app, p_user, p_resource);
  RETURN QUERY
  SELECT c.conversation_id, c.peer, u.n::integer
    FROM (
      SELECT a.conversation_id, a.name_b AS peer, a.last_id, a.user_a = a.user_b AS self
        FROM conversation a WHERE a.app_id = p_app AND a.user_a = p_user
      UNION ALL
      SELECT b.conversation_id, b.name_a, b.last_id, false
        FROM conversation b WHERE b.app_id = p_app AND b.user_b = p_user AND b.user_a <> p_user
    ) c
    LEFT JOIN device_cursor d
      ON d.app_id = p_app AND d.user_id = p_user AND d.conversation_id = c.conversation_id AND d.resource = p_resource
    CROSS JOIN LATERAL (
      SELECT count(*) AS n FROM (
        SELECT 1 FROM message m
         WHERE m.app_id = p_app AND m.conversation_id = c.conversation_id AND m.id > coalesce(d.id, 0) AND m.state = 0
           AND device_gets(m.sender_id, m.sender_resource, m.audience, m.to_resource, c.self, p_user, p_resource)
         LIMIT 200) few) u
   WHERE c.last_id > coalesce(d.id, 0) AND u.n > 0
   ORDER BY c.last_id
   LIMIT p_most;
END $$;
