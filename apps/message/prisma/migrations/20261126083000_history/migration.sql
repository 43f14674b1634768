-- What a user has of his conversations: how far he has read, what he cleared or hid for himself, what he pinned or marked.

-- One row for each user and conversation of which there is something to know. Positions are message ids; they only grow.
CREATE TABLE inbox (
  app_id          integer NOT NULL,
  user_id         bigint  NOT NULL,
  conversation_id bigint  NOT NULL,
  -- Unread counts begin behind it: moved by read and conversation receipts of this user.
  read_id         bigint  NOT NULL DEFAULT 0,
  -- Messages up to here are shown to their author as read: moved by conversation receipts alone, since a read receipt is
  -- about one message (message.ack_id).
  read_all_id     bigint  NOT NULL DEFAULT 0,
  -- Nothing up to here is shown to this user any more, neither in history nor to his devices.
  cleared_id      bigint  NOT NULL DEFAULT 0,
  -- The conversation is not in his list until something newer is said.
  deleted_id      bigint  NOT NULL DEFAULT 0,
  -- There are rows in hidden_message.
  hides           boolean NOT NULL DEFAULT false,
  -- Pinned to the top since: milliseconds since 1970.
  top_ms          bigint,
  -- Bit n: mark_n.
  marks           integer NOT NULL DEFAULT 0,
  PRIMARY KEY (app_id, user_id, conversation_id),
  CONSTRAINT inbox_marks CHECK (marks >= 0 AND marks < 1048576)
) WITH (fillfactor = 70);

-- Single messages that a user removed for himself.
CREATE TABLE hidden_message (
  app_id          integer NOT NULL,
  user_id         bigint  NOT NULL,
  conversation_id bigint  NOT NULL,
  id              bigint  NOT NULL,
  PRIMARY KEY (app_id, user_id, conversation_id, id)
);
-- For retention, which asks for the oldest.
CREATE INDEX hidden_message_by_id ON hidden_message (id);

CREATE TABLE pinned_message (
  app_id          integer NOT NULL,
  conversation_id bigint  NOT NULL,
  id              bigint  NOT NULL,
  operator        text    NOT NULL,
  pinned_ms       bigint  NOT NULL,
  PRIMARY KEY (app_id, conversation_id, id)
);
CREATE INDEX pinned_message_by_id ON pinned_message (id);

-- The message that a receipt is about: history looks up by it whether a message was delivered and read.
ALTER TABLE message ADD COLUMN ack_id bigint;
CREATE INDEX message_by_ack ON message (app_id, conversation_id, ack_id) WHERE ack_id IS NOT NULL;

-- The newest message of a device of either side; messages sent over REST alone need not put a conversation into lists.
ALTER TABLE conversation ADD COLUMN last_device_content_id bigint NOT NULL DEFAULT 0;

UPDATE conversation c SET last_device_content_id = coalesce(
  (SELECT max(m.id) FROM message m WHERE m.app_id = c.app_id AND m.conversation_id = c.conversation_id
      AND is_content(m.body_type) AND m.sender_resource <> ''), 0)
 WHERE c.last_content_id > 0;

-- Whether history, counts and lists of a user show a row: a message that is there, and that reached his devices. What was
-- sent to one device alone is no part of what all of them share.
CREATE FUNCTION is_shown(p_body_type smallint, p_state smallint, p_audience smallint, p_to_resource text, p_sender bigint, p_user bigint)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT is_content(p_body_type) AND p_state = 0 AND p_to_resource IS NULL AND NOT (p_audience = 1 AND p_sender = p_user)
$$;

-- With a further parameter for receipts; callers of the version before find it by its default.
DROP FUNCTION append_messages(integer[], bigint[], bigint[], text[], bigint[], smallint[], smallint[], text[], bytea[], interval);

-- Appends a batch of at most 1024 messages in its order and answers id and seq of each. A message whose sender,
-- device and client id are already stored in that conversation (within p_remember) answers what it got the first time.
-- A message of a conversation that does not exist is left out of the answer. Read and conversation receipts move what
-- their sender has read, here, so that a receipt that is stored has its effect and costs no round trip.
CREATE FUNCTION append_messages(
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
    SELECT * FROM unnest(p_app, p_conversation, p_sender, p_resource, p_client, p_audience, p_body_type, p_to_resource, p_meta, p_ack)
      WITH ORDINALITY AS i(app_id, conversation_id, sender_id, sender_resource, client_id, audience, body_type, to_resource, meta, ack_id, ord)
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

-- Queues in which the device has something to read, longest quiet first; counts stop at 200. What its user has cleared is
-- not delivered any more, nor is what is older than p_floor; rows with seq 0 were imported and are for history alone.
DROP FUNCTION unread_of(integer, bigint, text, integer);
CREATE FUNCTION unread_of(p_app integer, p_user bigint, p_resource text, p_most integer, p_floor bigint DEFAULT 0)
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
         LIMIT 200) few) u
   WHERE c.last_id > greatest(d.id, e.cleared_id, p_floor) AND u.n > 0
   ORDER BY c.last_id
   LIMIT p_most;
END $$;

-- Made beside the table and then attached, which waits for nobody who reads or writes; LIKE takes over defaults, checks and
-- NOT NULL, attaching makes the indexes.
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
      EXECUTE format('ALTER TABLE message ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', v_name,
        id_at(v_start + i * interval '1 week'), id_at(v_start + (i + 1) * interval '1 week'));
      v_made := v_made + 1;
    END IF;
  END LOOP;
  RETURN v_made;
END $$;
