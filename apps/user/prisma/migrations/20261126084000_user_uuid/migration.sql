-- AccessToken2 may name a user by his uuid.
CREATE UNIQUE INDEX "app_user_app_id_uuid_key" ON "app_user"("app_id", "uuid");
