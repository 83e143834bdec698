#!/usr/bin/env bash
# Runs the journeys with every desk in a PostgreSQL of this machine instead of a file: a server of its own
# in a temporary folder, gone afterwards. Arguments go to the test runner, as `-E 'test(close)'`.
set -euo pipefail
cd "$(dirname "$0")/.."

bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n1)
[ -x "${bin:-}/initdb" ] || { echo "✗ PostgreSQL is missing: scripts/setup.sh test" >&2; exit 1; }
folder=$(mktemp -d "${TMPDIR:-/tmp}/zf-journeys-XXXXXX")
as_user=()
# PostgreSQL refuses to run as root.
if [ "$(id -u)" = 0 ]; then
  chown postgres:postgres "$folder"
  as_user=(setpriv --reuid postgres --regid postgres --clear-groups --)
fi
server=
stop() {
  [ -z "$server" ] || { kill -INT "$server" 2>/dev/null && wait "$server" || true; }
  rm -rf "$folder"
}
trap stop EXIT
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
(cd "$folder" && "${as_user[@]}" "$bin/initdb" --auth=trust --username=owner --encoding=UTF8 --locale=C.UTF-8 \
  --no-sync -D "$folder/data" >/dev/null)
(cd "$folder" && exec "${as_user[@]}" "$bin/postgres" -D "$folder/data" -p "$port" -k "$folder" \
  -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=400 >"$folder/log" 2>&1) &
server=$!
until "$bin/pg_isready" -q -h 127.0.0.1 -p "$port"; do sleep 0.2; done
export ZF_JOURNEYS_ON="postgres://owner@127.0.0.1:$port/postgres"
cargo nextest run --workspace --test journeys --no-fail-fast "$@"
