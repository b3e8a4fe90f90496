#!/usr/bin/env bash
# A PostgreSQL server for tests, on loopback, in a folder of its own.
#   postgres.sh start FOLDER    makes it, starts it and prints its address
#   postgres.sh stop FOLDER
set -euo pipefail

shopt -s nullglob
found=(/usr/lib/postgresql/*/bin)
[ "${#found[@]}" -gt 0 ] || { echo "no PostgreSQL server is installed" >&2; exit 3; }
bin=${found[-1]}
folder=$2

# A server refuses to run as root.
as_server() { if [ "$(id -u)" -eq 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi; }

case $1 in
    start)
        mkdir -p "$folder"
        if [ "$(id -u)" -eq 0 ]; then chown postgres "$folder"; fi
        port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
        as_server "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C --no-instructions >"/dev/null"
        as_server "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -w -t 60 \
            -o "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=''" start >/dev/null </dev/null
        echo "postgresql://postgres@127.0.0.1:$port/postgres"
        ;;
    stop)
        as_server "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null </dev/null
        ;;
    *)
        echo "start or stop" >&2
        exit 2
        ;;
esac
