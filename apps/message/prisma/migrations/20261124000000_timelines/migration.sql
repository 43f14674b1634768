-- Timelines of conversations. Every key begins with app_id, so that tenants never meet and the tables can be
-- distributed by app. User ids are those of the user service; a named sender (REST `from` that is no user) has a
-- negative one from here.

CREATE SEQUENCE conversation_ids AS bigint;

CREATE TABLE conversation (
  app_id          integer NOT NULL,
  conversation_id bigint  NOT NULL DEFAULT nextval('conversation_ids'),
  user_a          bigint  NOT NULL,
  user_b          bigint  NOT NULL,
  -- Names of the two, as they name each other's queues. An id never changes its name.
  name_a          text    NOT NULL,
  name_b          text    NOT NULL,
  last_seq        bigint  NOT NULL DEFAULT 0,
  last_id         bigint  NOT NULL DEFAULT 0,
  PRIMARY KEY (app_id, conversation_id),
  CONSTRAINT conversation_pair UNIQUE (app_id, user_a, user_b),
  CONSTRAINT conversation_pair_sorted CHECK (user_a <= user_b)
) WITH (fillfactor = 50);
CREATE INDEX conversation_by_second ON conversation (app_id, user_b, user_a);

CREATE SEQUENCE named_sender_ids AS bigint;
CREATE TABLE named_sender (
  app_id    integer NOT NULL,
  name      text    NOT NULL,
  sender_id bigint  NOT NULL DEFAULT -nextval('named_sender_ids'),
  PRIMARY KEY (app_id, name)
);

-- The timeline. id is time-ordered and, like seq, grows along a conversation: both are assigned under the lock of the
-- conversation's row, so commit order is their order and a reader never skips a late commit. Partitioned by id, that
-- is by time: retention drops a partition.
CREATE TABLE message (
  app_id          integer  NOT NULL,
  conversation_id bigint   NOT NULL,
  id              bigint   NOT NULL,
  seq             bigint   NOT NULL,
  sender_id       bigint   NOT NULL,
  sender_resource text     NOT NULL,
  client_id       bigint   NOT NULL,
  -- 0: both sides; 1: the recipient only (REST without sync_device, delivery receipts)
  audience        smallint NOT NULL,
  -- MessageBody.type * 16 + type of the first content
  body_type       smallint NOT NULL,
  -- set when one device of the recipient is addressed
  to_resource     text,
  -- encoded MSYNC Meta without id and timestamp
  meta            bytea    NOT NULL,
  PRIMARY KEY (app_id, conversation_id, id)
) PARTITION BY RANGE (id);
-- Finds the first try of a retried send. Read under the conversation's lock, so it need not be unique.
CREATE INDEX message_by_client_id ON message (app_id, conversation_id, client_id);
-- Events are published again from here when the bus lost some: a range of recent ids over all conversations.
CREATE INDEX message_by_time ON message USING brin (id) WITH (pages_per_range = 16);

-- One per device of a user that has ever synchronised.
CREATE TABLE device (
  app_id   integer NOT NULL,
  user_id  bigint  NOT NULL,
  resource text    NOT NULL,
  PRIMARY KEY (app_id, user_id, resource)
);

-- How far a device has acknowledged a conversation.
CREATE TABLE device_cursor (
  app_id          integer NOT NULL,
  user_id         bigint  NOT NULL,
  conversation_id bigint  NOT NULL,
  resource        text    NOT NULL,
  id              bigint  NOT NULL,
  seq             bigint  NOT NULL,
  PRIMARY KEY (app_id, user_id, conversation_id, resource)
) WITH (fillfactor = 50);

-- Weekly partitions from the week of p_from on. Ids count milliseconds since 2020 in their upper 41 bits.
CREATE FUNCTION ensure_message_partitions(p_from timestamptz, p_weeks integer) RETURNS integer
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
      EXECUTE format('CREATE TABLE %I PARTITION OF message FOR VALUES FROM (%s) TO (%s)', v_name,
        id_at(v_start + i * interval '1 week'), id_at(v_start + (i + 1) * interval '1 week'));
      v_made := v_made + 1;
    END IF;
  END LOOP;
  RETURN v_made;
END $$;

-- The smallest id of that moment.
CREATE FUNCTION id_at(p_time timestamptz) RETURNS bigint
LANGUAGE sql STABLE AS $$
  SELECT ((extract(epoch FROM p_time) * 1000)::bigint - 1577836800000) << 22
$$;

-- Conversations of pairs (a <= b), made where missing; answers in the order asked.
CREATE FUNCTION conversations_of(p_app integer[], p_a bigint[], p_b bigint[], p_name_a text[], p_name_b text[])
RETURNS SETOF bigint
LANGUAGE plpgsql AS $$
BEGIN
  -- Sorted, so that two transactions that make the same pairs wait for each other in one direction only.
  INSERT INTO conversation (app_id, user_a, user_b, name_a, name_b)
  SELECT DISTINCT ON (p.app_id, p.a, p.b) p.app_id, p.a, p.b, p.name_a, p.name_b
    FROM unnest(p_app, p_a, p_b, p_name_a, p_name_b) AS p(app_id, a, b, name_a, name_b)
   WHERE NOT EXISTS (SELECT 1 FROM conversation c WHERE c.app_id = p.app_id AND c.user_a = p.a AND c.user_b = p.b)
   ORDER BY p.app_id, p.a, p.b
  ON CONFLICT ON CONSTRAINT conversation_pair DO NOTHING;
  RETURN QUERY
  SELECT c.conversation_id
    FROM unnest(p_app, p_a, p_b) WITH ORDINALITY AS p(app_id, a, b, ord)
    JOIN conversation c ON c.app_id = p.app_id AND c.user_a = p.a AND c.user_b = p.b
   ORDER BY p.ord;
END $$;

-- Each batch takes a block of 1024 low id bits, so ids within a batch grow in its order without a call per row.
CREATE SEQUENCE message_blocks AS integer MINVALUE 0 MAXVALUE 2047 START 0 CYCLE;

-- Appends a batch of at most 1024 messages in its order and answers id and seq of each. A message whose sender,
-- device and client id are already stored in that conversation (within p_remember) answers what it got the first time.
-- A message of a conversation that does not exist is left out of the answer.
CREATE FUNCTION append_messages(
  p_app integer[], p_conversation bigint[], p_sender bigint[], p_resource text[], p_client bigint[],
  p_audience smallint[], p_body_type smallint[], p_to_resource text[], p_meta bytea[], p_remember interval)
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
    SELECT * FROM unnest(p_app, p_conversation, p_sender, p_resource, p_client, p_audience, p_body_type, p_to_resource, p_meta)
      WITH ORDINALITY AS i(app_id, conversation_id, sender_id, sender_resource, client_id, audience, body_type, to_resource, meta, ord)
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
    INSERT INTO message (app_id, conversation_id, id, seq, sender_id, sender_resource, client_id, audience, body_type, to_resource, meta)
    SELECT f.app_id, f.conversation_id, f.id, f.seq, f.sender_id, f.sender_resource, f.client_id, f.audience, f.body_type, f.to_resource, f.meta
      FROM fresh f
  ), moved AS (
    UPDATE conversation c SET last_seq = f.seq, last_id = f.id
      FROM (SELECT f.app_id, f.conversation_id, max(f.seq) AS seq, max(f.id) AS id FROM fresh f GROUP BY 1, 2) f
     WHERE c.app_id = f.app_id AND c.conversation_id = f.conversation_id
  )
  SELECT f.ord, f.id, f.seq, false FROM fresh f
  UNION ALL
  SELECT k.ord, k.id, k.seq, true FROM known k;
END $$;

-- A device that synchronises for the first time starts where the furthest of the user's devices is.
CREATE FUNCTION enrol_device(p_app integer, p_user bigint, p_resource text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM device d WHERE d.app_id = p_app AND d.user_id = p_user AND d.resource = p_resource) THEN
    RETURN;
  END IF;
  -- Made again at the next login if a crash loses it: no need to wait for the disk.
  PERFORM set_config('synchronous_commit', 'off', true);
  INSERT INTO device (app_id, user_id, resource) VALUES (p_app, p_user, p_resource) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  INSERT INTO device_cursor (app_id, user_id, conversation_id, resource, id, seq)
  SELECT p_app, p_user, c.conversation_id, p_resource, max(c.id), max(c.seq)
    FROM device_cursor c
   WHERE c.app_id = p_app AND c.user_id = p_user
   GROUP BY c.conversation_id
  ON CONFLICT DO NOTHING;
END $$;

-- Cursors only move forward, whatever order their moves arrive in.
CREATE FUNCTION move_cursors(p_app integer[], p_user bigint[], p_conversation bigint[], p_resource text[], p_id bigint[], p_seq bigint[])
RETURNS void
LANGUAGE sql AS $$
  INSERT INTO device_cursor AS d (app_id, user_id, conversation_id, resource, id, seq)
  SELECT u.app_id, u.user_id, u.conversation_id, u.resource, max(u.id), max(u.seq)
    FROM unnest(p_app, p_user, p_conversation, p_resource, p_id, p_seq) AS u(app_id, user_id, conversation_id, resource, id, seq)
   GROUP BY 1, 2, 3, 4
   ORDER BY 1, 2, 3, 4
  ON CONFLICT (app_id, user_id, conversation_id, resource)
  DO UPDATE SET id = excluded.id, seq = excluded.seq WHERE d.id < excluded.id
$$;

-- Whether a device of p_user gets a row: never its own, the sender's other devices unless the row is for the
-- recipient only, and one device alone where the row addresses one.
CREATE FUNCTION device_gets(p_sender bigint, p_sender_resource text, p_audience smallint, p_to_resource text, p_self boolean, p_user bigint, p_resource text)
RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
  SELECT NOT (p_sender = p_user AND (p_audience = 1 OR p_sender_resource = p_resource))
     AND (p_to_resource IS NULL OR p_to_resource = p_resource OR (p_sender = p_user AND NOT p_self))
$$;

-- Queues in which the device has something to read, longest quiet first; counts stop at 200.
CREATE FUNCTION unread_of(p_app integer, p_user bigint, p_resource text, p_most integer)
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
    CROSS JOIN LATERAL (
      SELECT count(*) AS n FROM (
        SELECT 1 FROM message m
         WHERE m.app_id = p_app AND m.conversation_id = c.conversation_id AND m.id > coalesce(d.id, 0)
           AND device_gets(m.sender_id, m.sender_resource, m.audience, m.to_resource, c.self, p_user, p_resource)
         LIMIT 200) few) u
   WHERE c.last_id > coalesce(d.id, 0) AND u.n > 0
   ORDER BY c.last_id
   LIMIT p_most;
END $$;
