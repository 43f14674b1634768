-- Messages by app, day (UTC) and type of content (0 txt, 1 img, ...: ContentType of libs/msync).
CREATE TABLE usage_message (
  app_id   integer  NOT NULL,
  day      date     NOT NULL,
  type     smallint NOT NULL,
  messages bigint   NOT NULL,
  PRIMARY KEY (app_id, day, type)
) WITH (fillfactor = 70);

-- Everything below this id is counted. One row.
CREATE TABLE usage_counted (
  is_row    boolean PRIMARY KEY DEFAULT true CHECK (is_row),
  before_id bigint  NOT NULL
);
INSERT INTO usage_counted (before_id) VALUES (id_at(now()));

-- Counts what has been stored since the last time, at most p_step of it: each message once, for the counts and the place
-- where counting ended are committed together. Answers whether there is more. Does nothing while another one counts.
CREATE FUNCTION count_messages(p_step interval) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  v_from bigint;
  v_open bigint;
  v_to   bigint;
BEGIN
  SELECT c.before_id INTO v_from FROM usage_counted c FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  -- An append holds a transaction id before it gives ids, and gives none from before its start: below the oldest
  -- transaction that writes nothing can come any more.
  SELECT least(id_at(clock_timestamp() - interval '1 second'), id_at(min(a.xact_start))) INTO v_open
    FROM pg_stat_activity a
   WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.backend_xid IS NOT NULL;
  v_to := least(v_open, v_from + ((extract(epoch FROM p_step) * 1000)::bigint << 22));
  IF v_to <= v_from THEN
    RETURN false;
  END IF;
  -- A statement of its own: it sees whatever those that have ended committed.
  INSERT INTO usage_message AS u (app_id, day, type, messages)
  SELECT m.app_id, date '1970-01-01' + (((m.id >> 22) + 1577836800000) / 86400000)::integer, m.body_type & 15, count(*)
    FROM message m
   WHERE m.id >= v_from AND m.id < v_to AND m.body_type >> 4 IN (1, 2, 3)
   GROUP BY 1, 2, 3
   ORDER BY 1, 2, 3
  ON CONFLICT (app_id, day, type) DO UPDATE SET messages = u.messages + excluded.messages;
  UPDATE usage_counted SET before_id = v_to;
  RETURN v_to < v_open;
END $$;
