-- Attachments. Every key begins with app_id. The bytes are in the storage under keys that follow from app and id.

CREATE TABLE chatfile (
  app_id           integer     NOT NULL,
  file_id          uuid        NOT NULL,
  -- user name; empty for the tenant's server
  uploader         text        NOT NULL,
  -- 1 ready; 2 expired: its bytes are gone or in stray_blob, the row is kept for a while, so that it is told from a file
  -- that never was
  state            smallint    NOT NULL DEFAULT 1 CHECK (state IN (1, 2)),
  -- SHA-256 of the share secret; null: any token of the app may download
  secret_hash      bytea,
  content_type     text        NOT NULL,
  filename         text        NOT NULL,
  size_bytes       bigint      NOT NULL CHECK (size_bytes >= 0),
  thumbnail_width  integer     NOT NULL,
  thumbnail_height integer     NOT NULL,
  -- null: not asked for yet; empty: none can be made
  thumbnail_type   text,
  created_at       timestamptz NOT NULL DEFAULT now(),
  -- when it would expire if nothing referred to it
  base_expires_at  timestamptz NOT NULL,
  -- the latest of that and of its references' ends
  expires_at       timestamptz NOT NULL,
  PRIMARY KEY (app_id, file_id)
);
-- For the sweeper alone, which goes over all apps.
CREATE INDEX chatfile_by_end ON chatfile (state, expires_at);

-- A message of the history that names a file.
CREATE TABLE file_reference (
  app_id     integer     NOT NULL,
  file_id    uuid        NOT NULL,
  message_id bigint      NOT NULL,
  -- the end of that message's history
  until      timestamptz NOT NULL,
  PRIMARY KEY (app_id, file_id, message_id),
  FOREIGN KEY (app_id, file_id) REFERENCES chatfile ON DELETE CASCADE
);
CREATE INDEX file_reference_by_message ON file_reference (app_id, message_id);

-- An upload in parts that is not complete. Its id becomes the file's.
CREATE TABLE part_upload (
  app_id           integer     NOT NULL,
  upload_id        uuid        NOT NULL,
  uploader         text        NOT NULL,
  created_at       timestamptz NOT NULL DEFAULT now(),
  -- somebody is joining the parts, until then
  completing_until timestamptz NOT NULL DEFAULT '-infinity',
  PRIMARY KEY (app_id, upload_id)
);
CREATE INDEX part_upload_by_age ON part_upload (created_at);

CREATE TABLE upload_part (
  app_id      integer NOT NULL,
  upload_id   uuid    NOT NULL,
  part_number integer NOT NULL CHECK (part_number >= 1),
  size_bytes  bigint  NOT NULL CHECK (size_bytes >= 0),
  -- Each try has bytes of its own; the last one that came whole counts.
  blob_id     uuid    NOT NULL,
  PRIMARY KEY (app_id, upload_id, part_number),
  FOREIGN KEY (app_id, upload_id) REFERENCES part_upload ON DELETE CASCADE
);

-- Bytes in the storage that no row names: written down before the first of them is stored, taken out in the transaction
-- that makes the row which names them, put back in the one that ends it. So whenever a process is killed, every byte is
-- named by a row or stands here.
CREATE TABLE stray_blob (
  app_id       integer     NOT NULL,
  key          text        NOT NULL,
  -- Not before: somebody may still be writing it.
  remove_after timestamptz NOT NULL,
  PRIMARY KEY (app_id, key)
);
CREATE INDEX stray_blob_due ON stray_blob (remove_after);

CREATE TABLE app_usage (
  app_id integer PRIMARY KEY,
  files  bigint  NOT NULL DEFAULT 0 CHECK (files >= 0),
  -- ready files and parts
  bytes  bigint  NOT NULL DEFAULT 0 CHECK (bytes >= 0)
);

-- Adds to what an app takes up. False, and nothing added, when that would go beyond the quota. Giving back never fails.
CREATE FUNCTION take_space(p_app integer, p_files integer, p_bytes bigint, p_quota bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO app_usage (app_id) VALUES (p_app) ON CONFLICT DO NOTHING;
  UPDATE app_usage SET files = files + p_files, bytes = bytes + p_bytes
   WHERE app_id = p_app AND (p_bytes <= 0 OR bytes + p_bytes <= p_quota);
  RETURN FOUND;
END $$;

-- Messages refer to files; ids that are no file of that app are left out. Safe to repeat.
CREATE FUNCTION add_references(p_app integer[], p_file uuid[], p_message bigint[], p_until timestamptz[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  -- In key order, as every other statement that locks several files.
  PERFORM 1 FROM (SELECT DISTINCT * FROM unnest(p_app, p_file) AS u(app_id, file_id)) w
    JOIN chatfile c ON c.app_id = w.app_id AND c.file_id = w.file_id AND c.state = 1
   ORDER BY c.app_id, c.file_id FOR UPDATE OF c;
  INSERT INTO file_reference (app_id, file_id, message_id, until)
  SELECT DISTINCT ON (u.app_id, u.file_id, u.message_id) u.app_id, u.file_id, u.message_id, u.until
    FROM unnest(p_app, p_file, p_message, p_until) AS u(app_id, file_id, message_id, until)
    JOIN chatfile c ON c.app_id = u.app_id AND c.file_id = u.file_id AND c.state = 1
  ON CONFLICT DO NOTHING;
  UPDATE chatfile c SET expires_at = greatest(c.expires_at, r.until)
    FROM (SELECT u.app_id, u.file_id, max(u.until) AS until
            FROM unnest(p_app, p_file, p_until) AS u(app_id, file_id, until) GROUP BY 1, 2) r
   WHERE c.app_id = r.app_id AND c.file_id = r.file_id AND c.state = 1 AND c.expires_at < r.until;
END $$;

-- Messages are gone; what only they kept expires at its own time. Safe to repeat.
CREATE FUNCTION remove_references(p_app integer[], p_message bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  v_app integer[];
  v_file uuid[];
BEGIN
  SELECT array_agg(r.app_id), array_agg(r.file_id) INTO v_app, v_file
    FROM (SELECT DISTINCT r.app_id, r.file_id FROM unnest(p_app, p_message) AS u(app_id, message_id)
            JOIN file_reference r ON r.app_id = u.app_id AND r.message_id = u.message_id) r;
  IF v_app IS NULL THEN
    RETURN;
  END IF;
  PERFORM 1 FROM unnest(v_app, v_file) AS w(app_id, file_id)
    JOIN chatfile c ON c.app_id = w.app_id AND c.file_id = w.file_id
   ORDER BY c.app_id, c.file_id FOR UPDATE OF c;
  DELETE FROM file_reference r USING unnest(p_app, p_message) AS u(app_id, message_id)
   WHERE r.app_id = u.app_id AND r.message_id = u.message_id;
  UPDATE chatfile c SET expires_at = greatest(c.base_expires_at,
           (SELECT max(r.until) FROM file_reference r WHERE r.app_id = c.app_id AND r.file_id = c.file_id))
    FROM unnest(v_app, v_file) AS w(app_id, file_id)
   WHERE c.app_id = w.app_id AND c.file_id = w.file_id AND c.state = 1;
END $$;
