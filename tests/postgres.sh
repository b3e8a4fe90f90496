#!/usr/bin/env bash
# A PostgreSQL server for tests, on loopback, in a folder of its own.
#   postgres.sh start FOLDER    makes it, starts it and prints its address
#   postgres.sh crash FOLDER    lets it fall over and starts it again
#   postgres.sh stop FOLDER
set -euo pipefail

shopt -s nullglob
found=(/usr/lib/postgresql/*/bin)
[ "${#found[@]}" -gt 0 ] || { echo "no PostgreSQL server is installed" >&2; exit 3; }
bin=${found[-1]}
folder=$2

# A server refuses to run as root.
as_server() { if [ "$(id -u)" -eq 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi; }

serve() { as_server "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -w -t 60 start >/dev/null </dev/null; }
fall() { as_server "$bin/pg_ctl" -D "$folder/data" -w -m immediate stop >/dev/null </dev/null; }

case $1 in
    start)
        mkdir -p "$folder"
        if [ "$(id -u)" -eq 0 ]; then chown postgres "$folder"; fi
        as_server "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C --no-sync \
            --no-instructions >/dev/null
        port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
        printf "%s\n" "listen_addresses = '127.0.0.1'" "port = $port" "unix_socket_directories = ''" \
            >>"$folder/data/postgresql.conf"
        serve
        echo "postgresql://postgres@127.0.0.1:$port/postgres"
        ;;
    crash)
        fall
        serve
        ;;
    stop)
        fall
        ;;
    *)
        echo "start, crash or stop" >&2
        exit 2
        ;;
esac
