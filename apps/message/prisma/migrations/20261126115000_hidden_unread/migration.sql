-- A device is told of what it will get: what its user has removed for himself on another device no longer counts.
CREATE OR REPLACE FUNCTION unread_of(p_app integer, p_user bigint, p_resource text, p_most integer, p_floor bigint DEFAULT 0)
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
    LEFT JOIN inbox e
      ON e.app_id = p_app AND e.user_id = p_user AND e.conversation_id = c.conversation_id
    CROSS JOIN LATERAL (
      SELECT count(*) AS n FROM (
        SELECT 1 FROM message m
         WHERE m.app_id = p_app AND m.conversation_id = c.conversation_id
           AND m.id > greatest(d.id, e.cleared_id, p_floor) AND m.state = 0 AND m.seq > 0
           AND device_gets(m.sender_id, m.sender_resource, m.audience, m.to_resource, c.self, p_user, p_resource)
           AND NOT (e.hides IS TRUE AND EXISTS (SELECT 1 FROM hidden_message h
             WHERE h.app_id = p_app AND h.user_id = p_user AND h.conversation_id = c.conversation_id AND h.id = m.id))
         LIMIT 200) few) u
   WHERE c.last_id > greatest(d.id, e.cleared_id, p_floor) AND u.n > 0
   ORDER BY c.last_id
   LIMIT p_most;
END $$;
