-- Queues in which the device has something to read, longest quiet first; counts stop at 200. What its user has cleared, or
-- removed on another device, is not delivered any more and does not count, nor does what is older than p_floor; rows with seq 0
-- were imported and are for history alone. Messages are only looked at when a conversation has new ones: most who ask have none.
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
  v_hides        boolean[];
BEGIN
  PERFORM enrol_device(p_app, p_user, p_resource);
  SELECT array_agg(c.conversation_id), array_agg(c.peer), array_agg(c.last_id), array_agg(c.self), array_agg(k.after_id),
         array_agg(e.hides IS TRUE)
    INTO v_conversation, v_peer, v_last, v_self, v_after, v_hides
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
    FROM unnest(v_conversation, v_peer, v_last, v_self, v_after, v_hides) AS c(conversation_id, peer, last_id, self, after_id, hides)
    CROSS JOIN LATERAL (
      SELECT count(*) AS n FROM (
        SELECT 1 FROM message m
         WHERE m.app_id = p_app AND m.conversation_id = c.conversation_id AND m.id > c.after_id AND m.state = 0 AND m.seq > 0
           AND device_gets(m.sender_id, m.sender_resource, m.audience, m.to_resource, c.self, p_user, p_resource)
           AND NOT (c.hides AND (SELECT true FROM hidden_message h
             WHERE h.app_id = p_app AND h.user_id = p_user AND h.conversation_id = c.conversation_id AND h.id = m.id) IS TRUE)
         ORDER BY m.id LIMIT 200) few) u
   WHERE u.n > 0
   ORDER BY c.last_id
   LIMIT p_most;
END $$;
