-- Receipts of the messages p_ids, none of which is older than p_from: what they are about, and which kind of receipt. Planned once
-- (ADR 60): most pages are the newest, for which a plan of their own is cheap, so PostgreSQL went on to make one for older pages
-- too, where it is not.
CREATE FUNCTION history_receipts(p_app integer, p_conversation bigint, p_ids bigint[], p_from bigint)
RETURNS TABLE (ack_id bigint, kind smallint)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_bitmapscan = off
AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT DISTINCT m.ack_id, m.body_type >> 4 FROM message m
   WHERE m.app_id = p_app AND m.conversation_id = p_conversation AND m.ack_id = ANY (p_ids) AND m.id > p_from AND m.state = 0
     AND m.body_type >> 4 IN (4, 5);
END $$;
