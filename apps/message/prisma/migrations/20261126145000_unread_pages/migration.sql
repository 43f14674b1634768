DROP FUNCTION unread_rows(integer, bigint, text, bigint[], bigint[], bigint[], integer, bigint);

-- What a device has not acknowledged, of all its queues in the order of ids, which is nearly the order of time. A gateway
-- writes it in this order, so that what an earlier gateway had written before it died always comes first (ADR 11).
-- p_conversation and p_after: positions up to which this reader has read already. p_only: these conversations alone;
-- null = all. A row that the device gets no copy of has no meta. With p_limit rows, or with more, others may follow.
-- To merge long queues at once, p_limit rows of each would have to be looked at. So they are merged up to where the first of
-- them has shown its share, and again from there with larger shares until the page is half full (ADR 65).
CREATE FUNCTION unread_rows(
  p_app integer, p_user bigint, p_resource text, p_conversation bigint[], p_after bigint[], p_only bigint[], p_limit integer,
  p_floor bigint DEFAULT 0)
RETURNS TABLE (conversation_id bigint, peer text, id bigint, seq bigint, meta bytea, more boolean)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET enable_hashjoin = off
SET enable_mergejoin = off
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off
AS $$
#variable_conflict use_column
DECLARE
  v_conversation bigint[];
  v_peer         text[];
  v_self         boolean[];
  v_after        bigint[];
  v_hides        boolean[];
  v_share        integer;
  v_from         bigint := 0;
  v_until        bigint;
  v_rows         integer;
  v_left         integer := p_limit;
BEGIN
  PERFORM enrol_device(p_app, p_user, p_resource);
  SELECT array_agg(c.conversation_id), array_agg(c.peer), array_agg(c.self), array_agg(k.after_id), array_agg(e.hides IS TRUE)
    INTO v_conversation, v_peer, v_self, v_after, v_hides
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
   WHERE c.last_id > k.after_id AND (p_only IS NULL OR c.conversation_id = ANY (p_only));
  IF v_conversation IS NULL THEN
    RETURN;
  END IF;

  v_share := greatest(8, ceil(1.5 * p_limit / cardinality(v_conversation)));
  LOOP
    v_until := NULL;
    IF v_share < v_left THEN
      SELECT min(m.id) INTO v_until
        FROM unnest(v_conversation, v_after) AS c(conversation_id, after_id)
        CROSS JOIN LATERAL (
          SELECT m.id FROM message m
           WHERE m.app_id = p_app AND m.conversation_id = c.conversation_id AND m.id > greatest(c.after_id, v_from) AND m.seq > 0
           ORDER BY m.id OFFSET v_share - 1 LIMIT 1) m;
    END IF;
    RETURN QUERY
    SELECT c.conversation_id, c.peer, m.id, m.seq,
           CASE WHEN m.state = 0 AND device_gets(m.sender_id, m.sender_resource, m.audience, m.to_resource, c.self, p_user, p_resource)
                 AND NOT (c.hides AND (SELECT true FROM hidden_message h
                   WHERE h.app_id = p_app AND h.user_id = p_user AND h.conversation_id = c.conversation_id AND h.id = m.id) IS TRUE) THEN m.meta END,
           v_until IS NOT NULL
      FROM unnest(v_conversation, v_peer, v_self, v_after, v_hides) AS c(conversation_id, peer, self, after_id, hides)
      CROSS JOIN LATERAL (
        SELECT m.id, m.seq, m.state, m.sender_id, m.sender_resource, m.audience, m.to_resource, m.meta FROM message m
         WHERE m.app_id = p_app AND m.conversation_id = c.conversation_id AND m.id > greatest(c.after_id, v_from)
           AND m.id <= coalesce(v_until, 9223372036854775807) AND m.seq > 0
         ORDER BY m.id LIMIT v_left) m
     ORDER BY m.id
     LIMIT v_left;
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_left := v_left - v_rows;
    EXIT WHEN v_until IS NULL OR v_left <= p_limit / 2;
    v_from := v_until;
    v_share := v_share * 2;
  END LOOP;
END $$;
