#!/usr/bin/env bash
# What a lake needs, on this machine alone and on loopback: PostgreSQL for its catalogue, and an S3 store (s3.sh) for its rows.
#   deploy/lake/up.sh start | stop | status
# LAKE_FOLDER: where both keep everything (data/private/lake); PG_PORT: PostgreSQL's port (5433); PG_FOLDER: its own folder.
# start adds CORRIDORS_LAKE to LAKE_FOLDER/writer.env. For trials and tests: nobody but this machine is let in, without a password.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
export LAKE_FOLDER=${LAKE_FOLDER:-$here/data/private/lake}
port=${PG_PORT:-5433}
bin=$(dirname "$(command -v pg_ctl || ls -d /usr/lib/postgresql/*/bin/pg_ctl 2>/dev/null | tail -1 || true)")
# PostgreSQL refuses to run as root: then its own user does, who reaches no private folder of root's
if [ "$(id -u)" = 0 ]; then ours=/var/lib/corridors-catalogue; else ours=$LAKE_FOLDER/catalogue; fi
catalogue=${PG_FOLDER:-$ours}
umask 077

as() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

running() { [ -d "$catalogue" ] && as "$bin/pg_ctl" -D "$catalogue" status >/dev/null 2>&1; }

start() {
  [ -x "$bin/pg_ctl" ] || { echo "There is no PostgreSQL: install Debian's package postgresql." >&2; exit 1; }
  "$here/deploy/lake/s3.sh" start
  if ! running; then
    if [ ! -d "$catalogue" ]; then
      mkdir -p "$catalogue"
      [ "$(id -u)" != 0 ] || chown postgres "$catalogue"
      as "$bin/initdb" -D "$catalogue" -A trust -U corridors --locale=C -E UTF8 >/dev/null
      # messages in English: by them the engine knows which commit to try again
      printf "listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nlc_messages = 'C'\nmax_connections = 200\n" |
        as tee -a "$catalogue/postgresql.conf" >/dev/null
    fi
    as "$bin/pg_ctl" -D "$catalogue" -o "-p $port" -l "$catalogue/log" -w start >/dev/null </dev/null ||
      { echo "It did not start; the reason is in $catalogue/log." >&2; exit 1; }
  fi
  grep -q CORRIDORS_LAKE "$LAKE_FOLDER/writer.env" ||
    echo "CORRIDORS_LAKE=\"postgres:host=127.0.0.1 port=$port user=corridors dbname=postgres + s3://records/cases\"" >>"$LAKE_FOLDER/writer.env"
  status
}

stop() {
  running && as "$bin/pg_ctl" -D "$catalogue" -m fast -w stop >/dev/null
  echo "PostgreSQL: stopped."
  "$here/deploy/lake/s3.sh" stop
}

status() {
  running && echo "PostgreSQL: 127.0.0.1:$port" || { echo "PostgreSQL: not running." >&2; return 1; }
  "$here/deploy/lake/s3.sh" status
}

case ${1:-} in
  start | stop | status) "$1" ;;
  *) sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
