-- What is read for a user is planned once for each connection. A plan over all weeks that are kept costs many times what a page
-- does, and PostgreSQL would make one at each call: it takes a LIMIT that it does not know for a tenth of the conversation.
-- Ruled out is what would read a whole conversation before its first row (sorts, bitmaps): where most conversations are short,
-- statistics favour it (ADR 60).

-- The next p_limit rows of a conversation between two ids, in either direction; those that p_user is not shown, or did not ask
-- for, without meta.
CREATE FUNCTION history_rows(
  p_app integer, p_conversation bigint, p_user bigint, p_forward boolean, p_after bigint, p_before bigint,
  p_types smallint[], p_sender bigint, p_hides boolean, p_limit integer)
RETURNS TABLE (id bigint, sender_id bigint, body_type smallint, meta bytea)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off
AS $$
#variable_conflict use_column
BEGIN
  -- The look for a hidden message is a value, not an EXISTS, which might be answered by reading all that the user ever hid.
  IF p_forward THEN
    RETURN QUERY
    SELECT m.id, m.sender_id, m.body_type,
           CASE WHEN is_shown(m.body_type, m.state, m.audience, m.to_resource, m.sender_id, p_user)
             AND (p_types IS NULL OR (m.body_type & 15) = ANY (p_types))
             AND (p_sender IS NULL OR m.sender_id = p_sender)
             AND NOT (p_hides AND (SELECT true FROM hidden_message h
               WHERE h.app_id = p_app AND h.user_id = p_user AND h.conversation_id = p_conversation AND h.id = m.id) IS TRUE) THEN m.meta END
      FROM message m
     WHERE m.app_id = p_app AND m.conversation_id = p_conversation AND m.id > p_after AND m.id < p_before
     ORDER BY m.id LIMIT p_limit;
  ELSE
    RETURN QUERY
    SELECT m.id, m.sender_id, m.body_type,
           CASE WHEN is_shown(m.body_type, m.state, m.audience, m.to_resource, m.sender_id, p_user)
             AND (p_types IS NULL OR (m.body_type & 15) = ANY (p_types))
             AND (p_sender IS NULL OR m.sender_id = p_sender)
             AND NOT (p_hides AND (SELECT true FROM hidden_message h
               WHERE h.app_id = p_app AND h.user_id = p_user AND h.conversation_id = p_conversation AND h.id = m.id) IS TRUE) THEN m.meta END
      FROM message m
     WHERE m.app_id = p_app AND m.conversation_id = p_conversation AND m.id > p_after AND m.id < p_before
     ORDER BY m.id DESC LIMIT p_limit;
  END IF;
END $$;

-- Queues in which the device has something to read, longest quiet first; counts stop at 200. What its user has cleared is
-- not delivered any more, nor is what is older than p_floor; rows with seq 0 were imported and are for history alone. Messages
-- are only looked at when a conversation has new ones: most who ask have none.
CREATE OR REPLACE FUNCTION unread_of(p_app integer, p_user bigint, p_resource text, p_most integer, p_floor bigint DEFAULT 0)
RETURNS TABLE (conversation_id bigint, peer text, n integer)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off
AS $$
#variable_conflict use_column
DECLARE
  v_conversation bigint[];
  v_peer         text[];
  v_last         bigint[];
  v_self         boolean[];
  v_after        bigint[];
BEGIN
  PERFORM enrol_device(p_app, p_user, p_resource);
  SELECT array_agg(c.conversation_id), array_agg(c.peer), array_agg(c.last_id), array_agg(c.self), array_agg(k.after_id)
    INTO v_conversation, v_peer, v_last, v_self, v_after
    FROM (
      SELECT a.conversation_id, a.name_b AS peer, a.last_id, a.user_a = a.user_b AS self
        FROM conversation a WHERE a.app_id = p_app AND a.user_a = p_user
      UNION ALL
      SELECT b.conversation_id, b.name_a, b.last_id, false
        FROM conversation b WHERE b.app_id = p_app AND b.user_b = p_user AND b.user_a <> p_user
    ) c
    LEFT JOIN device_cursor d
      ON d.app_id = p_app AND d.user_id = p_user AND d.conversation_id = c.conversation_id AND d.resource = p_resource
    LEFT JOIN inbox e
      ON e.app_id = p_app AND e.user_id = p_user AND e.conversation_id = c.conversation_id
    CROSS JOIN LATERAL (SELECT greatest(d.id, e.cleared_id, p_floor) AS after_id) k
   WHERE c.last_id > k.after_id;
  IF v_conversation IS NULL THEN
    RETURN;
  END IF;
  RETURN QUERY
  SELECT c.conversation_id, c.peer, u.n::integer
    FROM unnest(v_conversation, v_peer, v_last, v_self, v_after) AS c(conversation_id, peer, last_id, self, after_id)
    CROSS JOIN LATERAL (
      SELECT count(*) AS n FROM (
        SELECT 1 FROM message m
         WHERE m.app_id = p_app AND m.conversation_id = c.conversation_id AND m.id > c.after_id AND m.state = 0 AND m.seq > 0
           AND device_gets(m.sender_id, m.sender_resource, m.audience, m.to_resource, c.self, p_user, p_resource)
         ORDER BY m.id LIMIT 200) few) u
   WHERE u.n > 0
   ORDER BY c.last_id
   LIMIT p_most;
END $$;

ALTER FUNCTION unread_rows(integer, bigint, text, bigint[], bigint[], bigint[], integer, bigint)
  SET enable_bitmapscan = off
  SET enable_sort = off;

-- One conversation that fills a week makes ANALYZE believe that there are hardly any others. Then the index on id alone looks as
-- good as the primary key, and for those others it would read the whole week. This says: 100 conversations for 10,000 messages.
-- Partitions do not inherit it.
CREATE OR REPLACE FUNCTION ensure_message_partitions(p_from timestamptz, p_weeks integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  v_start timestamptz := date_trunc('week', p_from AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
  v_name text;
  v_made integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('parley.message.partitions'));
  FOR i IN 0 .. p_weeks - 1 LOOP
    v_name := 'message_' || to_char((v_start + i * interval '1 week') AT TIME ZONE 'UTC', 'IYYY"w"IW');
    IF to_regclass(format('%I.%I', current_schema(), v_name)) IS NULL THEN
      EXECUTE format('CREATE TABLE %I (LIKE message INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', v_name);
      EXECUTE format('ALTER TABLE %I ALTER COLUMN conversation_id SET (n_distinct = -0.01)', v_name);
      EXECUTE format('ALTER TABLE message ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', v_name,
        id_at(v_start + i * interval '1 week'), id_at(v_start + (i + 1) * interval '1 week'));
      v_made := v_made + 1;
    END IF;
  END LOOP;
  RETURN v_made;
END $$;

DO $$
DECLARE
  v_partition regclass;
  v_used      boolean;
BEGIN
  FOR v_partition IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'message'::regclass LOOP
    EXECUTE format('ALTER TABLE %s ALTER COLUMN conversation_id SET (n_distinct = -0.01)', v_partition);
    -- A week to come had better not be known to be empty: it is planned for as if it had some rows.
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s)', v_partition) INTO v_used;
    IF v_used THEN
      EXECUTE format('ANALYZE %s (conversation_id)', v_partition);
    END IF;
  END LOOP;
END $$;
