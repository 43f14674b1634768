-- Export and import of history.

-- Signs the links of exports; made by the first replica that needs it, read by all.
CREATE TABLE export_key (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  key      bytea   NOT NULL
);

CREATE SEQUENCE import_ids AS bigint MINVALUE 0 MAXVALUE 2097151 START 0 CYCLE;

-- Stores a message with the time at which it was said. Its id is of that time, with the bit that stored messages have clear
-- (ids.ts of the kernel), so it meets no other; its seq is 0: it is for history, and no device is told of it. A message with
-- the same sender and client id in the span of ids (p_from, p_to) is the same one.
CREATE FUNCTION import_message(
  p_app integer, p_conversation bigint, p_sender bigint, p_client bigint, p_ms bigint, p_body_type smallint, p_meta bytea,
  p_from bigint, p_to bigint)
RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  v_id bigint;
BEGIN
  PERFORM 1 FROM conversation c WHERE c.app_id = p_app AND c.conversation_id = p_conversation FOR UPDATE;
  SELECT m.id INTO v_id FROM message m
   WHERE m.app_id = p_app AND m.conversation_id = p_conversation AND m.client_id = p_client AND m.sender_id = p_sender
     AND m.seq = 0 AND m.id >= p_from AND m.id < p_to
   LIMIT 1;
  IF v_id IS NOT NULL THEN
    RETURN v_id;
  END IF;
  v_id := ((p_ms - 1577836800000) << 22) | 2097152 | nextval('import_ids');
  INSERT INTO message (app_id, conversation_id, id, seq, sender_id, sender_resource, client_id, audience, body_type, meta)
  VALUES (p_app, p_conversation, v_id, 0, p_sender, '', p_client, 0, p_body_type, p_meta);
  IF is_content(p_body_type) THEN
    UPDATE conversation SET last_content_id = greatest(last_content_id, v_id) WHERE app_id = p_app AND conversation_id = p_conversation;
  END IF;
  RETURN v_id;
END $$;
