#!/bin/sh
# Run once by PostgreSQL's image on an empty folder: Votum's role owns its database and is no superuser.
set -eu
psql --set=ON_ERROR_STOP=1 --set=password="$VOTUM_DATABASE_PASSWORD" --username postgres <<'SQL'
CREATE ROLE votum LOGIN PASSWORD :'password';
CREATE DATABASE votum OWNER votum;
SQL
