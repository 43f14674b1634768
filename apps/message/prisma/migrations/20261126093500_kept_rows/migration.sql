-- What is read for a device leaves out what its user has cleared or hidden, what is older than his app keeps (p_floor), and
-- rows with seq 0: they were imported, and are for history alone.
DROP FUNCTION unread_rows(integer, bigint, text, bigint[], bigint[], bigint[], integer);

-- What a device has not acknowledged, of all its queues in the order of ids, which is nearly the order of time. A gateway
-- writes it in this order, so that what an earlier gateway had written before it died always comes first (ADR 11).
-- p_conversation and p_after: positions up to which this reader has read already. p_only: these conversations alone;
-- null = all. A row that the device gets no copy of has no meta.
CREATE FUNCTION unread_rows(
  p_app integer, p_user bigint, p_resource text, p_conversation bigint[], p_after bigint[], p_only bigint[], p_limit integer,
  p_floor bigint DEFAULT 0)
RETURNS TABLE (conversation_id bigint, peer text, id bigint, seq bigint, meta bytea)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET enable_hashjoin = off
SET enable_mergejoin = off
SET enable_seqscan = off
AS $$
#variable_conflict use_column
BEGIN
  PERFORM enrol_device(p_app, p_user, p_resource);
  RETURN QUERY
  SELECT c.conversation_id, c.peer, m.id, m.seq,
         CASE WHEN m.state = 0 AND device_gets(m.sender_id, m.sender_resource, m.audience, m.to_resource, c.self, p_user, p_resource)
               AND NOT (e.hides IS TRUE AND EXISTS (SELECT 1 FROM hidden_message h
                 WHERE h.app_id = p_app AND h.user_id = p_user AND h.conversation_id = c.conversation_id AND h.id = m.id)) THEN m.meta END
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
    CROSS JOIN LATERAL (
      SELECT greatest(d.id, p_after[array_position(p_conversation, c.conversation_id)], e.cleared_id, p_floor - 1, 0) AS after_id) k
    CROSS JOIN LATERAL (
      SELECT m.id, m.seq, m.state, m.sender_id, m.sender_resource, m.audience, m.to_resource, m.meta FROM message m
       WHERE m.app_id = p_app AND m.conversation_id = c.conversation_id AND m.id > k.after_id AND m.seq > 0
       ORDER BY m.id LIMIT p_limit) m
   WHERE c.last_id > k.after_id AND (p_only IS NULL OR c.conversation_id = ANY (p_only))
   ORDER BY m.id
   LIMIT p_limit;
END $$;
