-- A message that is alone in its batch. What append_messages does, without what it takes to do it for many: that is a statement of
-- a dozen parts, and starting it costs more than twice what this does (ADR 66). They must agree in all they store
-- (append.store.medium.spec.ts).
CREATE FUNCTION append_message(
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
