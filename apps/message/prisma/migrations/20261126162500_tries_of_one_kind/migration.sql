-- A client id is of one kind of message. The official SDKs make it of the time in milliseconds and a counter, and count messages,
-- recalls and receipts apart: a recall some milliseconds after its message may have the same one. What is repeated has the same
-- id, kind and, if it is about another message, the same one.
CREATE OR REPLACE FUNCTION append_messages(
  p_app integer[], p_conversation bigint[], p_sender bigint[], p_resource text[], p_client bigint[],
  p_audience smallint[], p_body_type smallint[], p_to_resource text[], p_meta bytea[], p_remember interval,
  p_ack bigint[] DEFAULT NULL)
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
  v_top   bigint;
  v_ms    bigint;
BEGIN
  -- In key order, so that two batches never wait for each other crosswise. A statement of its own: what follows must
  -- see what the earlier holder of a lock committed.
  SELECT max(l.last_id) INTO v_top
    FROM (SELECT c.last_id
            FROM (SELECT DISTINCT u.app_id, u.conversation_id FROM unnest(p_app, p_conversation) AS u(app_id, conversation_id)) w
            JOIN conversation c ON c.app_id = w.app_id AND c.conversation_id = w.conversation_id
           ORDER BY c.app_id, c.conversation_id
             FOR UPDATE OF c) l;
  v_ms := (extract(epoch FROM clock_timestamp()) * 1000)::bigint - 1577836800000;

  RETURN QUERY
  WITH item AS MATERIALIZED (
    SELECT * FROM unnest(p_app, p_conversation, p_sender, p_resource, p_client, p_audience, p_body_type, p_to_resource, p_meta, p_ack)
      WITH ORDINALITY AS i(app_id, conversation_id, sender_id, sender_resource, client_id, audience, body_type, to_resource, meta, ack_id, ord)
  ), known AS MATERIALIZED (
    SELECT i.ord, m.id, m.seq
      FROM item i
      CROSS JOIN LATERAL (
        SELECT m.id, m.seq FROM message m
         WHERE m.app_id = i.app_id AND m.conversation_id = i.conversation_id AND m.client_id = i.client_id
           AND m.sender_id = i.sender_id AND m.sender_resource = i.sender_resource AND m.id > v_floor AND m.id <= v_top
           AND m.body_type = i.body_type AND m.ack_id IS NOT DISTINCT FROM i.ack_id
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
    INSERT INTO message (app_id, conversation_id, id, seq, sender_id, sender_resource, client_id, audience, body_type, to_resource, meta, ack_id)
    SELECT f.app_id, f.conversation_id, f.id, f.seq, f.sender_id, f.sender_resource, f.client_id, f.audience, f.body_type, f.to_resource, f.meta, f.ack_id
      FROM fresh f
  ), moved AS (
    UPDATE conversation c
       SET last_seq = f.seq, last_id = f.id,
           last_content_id = greatest(c.last_content_id, f.content_id),
           last_device_content_id = greatest(c.last_device_content_id, f.device_content_id)
      FROM (SELECT f.app_id, f.conversation_id, max(f.seq) AS seq, max(f.id) AS id,
                   max(f.id) FILTER (WHERE is_content(f.body_type)) AS content_id,
                   max(f.id) FILTER (WHERE is_content(f.body_type) AND f.sender_resource <> '') AS device_content_id
              FROM fresh f GROUP BY 1, 2) f
     WHERE c.app_id = f.app_id AND c.conversation_id = f.conversation_id
  ), receipts AS (
    INSERT INTO inbox AS e (app_id, user_id, conversation_id, read_id, read_all_id)
    SELECT f.app_id, f.sender_id, f.conversation_id,
           max(CASE WHEN f.body_type >> 4 = 7 THEN f.id ELSE least(f.ack_id, f.id) END),
           coalesce(max(f.id) FILTER (WHERE f.body_type >> 4 = 7), 0)
      FROM fresh f
     WHERE f.sender_id > 0 AND (f.body_type >> 4 = 7 OR (f.body_type >> 4 = 4 AND f.ack_id > 0))
     GROUP BY 1, 2, 3
     ORDER BY 1, 2, 3
    ON CONFLICT (app_id, user_id, conversation_id)
    DO UPDATE SET read_id = greatest(e.read_id, excluded.read_id), read_all_id = greatest(e.read_all_id, excluded.read_all_id)
     WHERE e.read_id < excluded.read_id OR e.read_all_id < excluded.read_all_id
  )
  SELECT f.ord, f.id, f.seq, false FROM fresh f
  UNION ALL
  SELECT k.ord, k.id, k.seq, true FROM known k;
END $$;

CREATE OR REPLACE FUNCTION append_message(
  p_app integer, p_conversation bigint, p_sender bigint, p_resource text, p_client bigint, p_audience smallint,
  p_body_type smallint, p_to_resource text, p_meta bytea, p_remember interval, p_ack bigint)
RETURNS TABLE (id bigint, seq bigint, repeated boolean)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
AS $$
DECLARE
  v_low     bigint := nextval('message_blocks') * 1024;
  v_floor   bigint := id_at(now() - p_remember);
  v_content boolean := is_content(p_body_type);
  v_last    bigint;
  v_seq     bigint;
  v_ms      bigint;
BEGIN
  -- A statement of its own: what follows must see what the earlier holder of the lock committed.
  SELECT c.last_id, c.last_seq + 1 INTO v_last, v_seq
    FROM conversation c WHERE c.app_id = p_app AND c.conversation_id = p_conversation
     FOR UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  IF v_last > v_floor THEN
    SELECT m.id, m.seq, true INTO id, seq, repeated
      FROM message m
     WHERE m.app_id = p_app AND m.conversation_id = p_conversation AND m.client_id = p_client
       AND m.sender_id = p_sender AND m.sender_resource = p_resource AND m.id > v_floor AND m.id <= v_last
       AND m.body_type = p_body_type AND m.ack_id IS NOT DISTINCT FROM p_ack
     LIMIT 1;
    IF FOUND THEN
      RETURN NEXT;
      RETURN;
    END IF;
  END IF;
  v_ms := (extract(epoch FROM clock_timestamp()) * 1000)::bigint - 1577836800000;
  -- The clock may stand still or step back; ids of a conversation may not.
  v_ms := greatest(v_ms, v_last >> 22);
  id := v_ms << 22 | v_low;
  IF id <= v_last THEN
    id := (v_ms + 1) << 22 | v_low;
  END IF;
  seq := v_seq;
  repeated := false;

  INSERT INTO message (app_id, conversation_id, id, seq, sender_id, sender_resource, client_id, audience, body_type, to_resource, meta, ack_id)
  VALUES (p_app, p_conversation, id, seq, p_sender, p_resource, p_client, p_audience, p_body_type, p_to_resource, p_meta, p_ack);
  UPDATE conversation c
     SET last_seq = seq, last_id = id,
         last_content_id = CASE WHEN v_content THEN id ELSE c.last_content_id END,
         last_device_content_id = CASE WHEN v_content AND p_resource <> '' THEN id ELSE c.last_device_content_id END
   WHERE c.app_id = p_app AND c.conversation_id = p_conversation;
  IF p_sender > 0 AND (p_body_type >> 4 = 7 OR (p_body_type >> 4 = 4 AND p_ack > 0)) THEN
    INSERT INTO inbox AS e (app_id, user_id, conversation_id, read_id, read_all_id)
    VALUES (p_app, p_sender, p_conversation, CASE WHEN p_body_type >> 4 = 7 THEN id ELSE least(p_ack, id) END,
            CASE WHEN p_body_type >> 4 = 7 THEN id ELSE 0 END)
    ON CONFLICT (app_id, user_id, conversation_id)
    DO UPDATE SET read_id = greatest(e.read_id, excluded.read_id), read_all_id = greatest(e.read_all_id, excluded.read_all_id)
     WHERE e.read_id < excluded.read_id OR e.read_all_id < excluded.read_all_id;
  END IF;
  RETURN NEXT;
END $$;
