#!/bin/sh
# What the bootstrap Job runs, beside the SQL files. PG* variables say where and who; PASSWORDS is a folder with a file
# for each role; EXPORTER is the role that measures, where somebody does; WAIT_SECONDS is for a database whose name is not
# known yet. Everything may be run again.
set -eu
here=$(dirname "$0")

# A cloud that signs by a public authority gives no CA of its own.
if [ -n "${PGSSLROOTCERT:-}" ] && [ ! -s "$PGSSLROOTCERT" ]; then
  export PGSSLROOTCERT=system
fi

# When the time is over psql tries once more, and its error is the one that says why.
deadline=$(($(date +%s) + WAIT_SECONDS))
while ! pg_isready --quiet && [ "$(date +%s)" -lt "$deadline" ]; do
  echo "waiting for the database at $PGHOST:$PGPORT"
  sleep 3
done

# All that is in one call is done, or none of it.
run() {
  psql --no-psqlrc --quiet --no-password --single-transaction --set=ON_ERROR_STOP=1 --file="$here/session.sql" "$@"
}

run --set=exclusive="$EXCLUSIVE" --file="$here/rights.sql" --file="$here/extensions.sql" --file="$here/public.sql" \
  --file="$here/monitoring.sql"
echo "extensions and views: ready"

# A role, and what else its file of statements is told.
login() {
  role=$1
  shift
  password=$(cat "$PASSWORDS/$role")
  [ -n "$password" ] || { echo "role $role: its password is empty" >&2; exit 1; }
  # psql asks for a new password twice, and reads the answers here where there is no terminal.
  printf '%s\n%s\n' "$password" "$password" | run --set=role="$role" "$@"
}

while read -r name connections; do
  login "$name" --set=connections="$connections" --file="$here/role.sql"
  echo "role $name: ready, at most $connections connections"
done <"$here/roles"

if [ -n "${EXPORTER:-}" ]; then
  login "$EXPORTER" --file="$here/exporter.sql"
  echo "role $EXPORTER: ready, measures"
fi
