-- Messages whose time never began go with their partition; their rows here are then found by it.
CREATE INDEX message_expiry_by_message ON message_expiry (message_id);
