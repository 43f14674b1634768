-- message.audience is made of bits now: 1 the sender's devices get no copy, 2 the recipient's history leaves it out (his
-- devices get it all the same).

CREATE OR REPLACE FUNCTION device_gets(p_sender bigint, p_sender_resource text, p_audience smallint, p_to_resource text, p_self boolean, p_user bigint, p_resource text)
RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
  SELECT NOT (p_sender = p_user AND (p_audience & 1 = 1 OR p_sender_resource = p_resource))
     AND (p_to_resource IS NULL OR p_to_resource = p_resource OR (p_sender = p_user AND NOT p_self))
$$;

CREATE OR REPLACE FUNCTION is_shown(p_body_type smallint, p_state smallint, p_audience smallint, p_to_resource text, p_sender bigint, p_user bigint)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT is_content(p_body_type) AND p_state = 0 AND p_to_resource IS NULL
     AND NOT (p_audience & 1 = 1 AND p_sender = p_user) AND NOT (p_audience & 2 = 2 AND p_sender <> p_user)
$$;
