#!/usr/bin/env bash
# The services that some tests need, on free ports of this machine and with their data in one folder.
#
#   scripts/services.sh start <folder> [postgres] [redis]   both when none is named; prints export lines
#   scripts/services.sh stop <folder>                       stops what was started there, removes its data
#
# What is missing is installed from Debian packages, which needs root; without it the script says what to do.
set -euo pipefail

usage='usage: services.sh start <folder> [postgres] [redis] | services.sh stop <folder>'
command=${1:?$usage}
folder=${2:?$usage}
shift 2

fail() {
  echo "services.sh: $*" >&2
  exit 1
}

postgres_bin() {
  local directory
  for directory in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) $(dirname "$(command -v initdb || true)" 2>/dev/null); do
    if [ -x "$directory/initdb" ] && [ -x "$directory/pg_ctl" ]; then
      echo "$directory"
      return
    fi
  done
}

install_packages() {
  command -v apt-get >/dev/null || fail "please install: $* (there is no apt-get to do it with)"
  [ "$(id -u)" = 0 ] || fail "please run as root once: apt-get install -y $*"
  local log policy=/usr/sbin/policy-rc.d placed=no status=0
  log=$(mktemp)
  # Debian starts a service when it is installed; ours run on their own ports and in their own folder.
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod +x $policy
    placed=yes
  fi
  {
    apt-get update -qq &&
      DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
  } >"$log" 2>&1 || status=$?
  [ $placed = no ] || rm -f $policy
  [ $status = 0 ] || {
    tail -20 "$log" >&2
    rm -f "$log"
    fail "apt-get could not install: $*"
  }
  rm -f "$log"
}

free_port() {
  node -e "const s = require('node:net').createServer().listen(0, '127.0.0.1', () => { console.log(s.address().port); s.close() })"
}

# PostgreSQL refuses to run as root; Debian's package brings a user for it.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

start_postgres() {
  local bin port data=$folder/postgres
  bin=$(postgres_bin)
  mkdir -p "$data"
  if [ "$(id -u)" = 0 ]; then
    chmod a+x "$folder"
    chown postgres "$data"
  fi
  port=$(free_port)
  as_postgres "$bin/initdb" -D "$data/db" -U postgres --auth=trust -E UTF8 --locale=C --no-sync >"$folder/initdb.log" 2>&1 ||
    { cat "$folder/initdb.log" >&2; fail 'PostgreSQL could not make its database'; }
  as_postgres "$bin/pg_ctl" -D "$data/db" -l "$data/log" -w -t 30 \
    -o "-p $port -k $data -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=400" start >"$folder/pg_ctl.log" 2>&1 ||
    { cat "$folder/pg_ctl.log" "$data/log" >&2; fail 'PostgreSQL did not start'; }
  echo "export SWITCHYARD_TEST_POSTGRES_URL=postgres://postgres@127.0.0.1:$port/postgres"
}

start_redis() {
  local port attempt
  mkdir -p "$folder/redis"
  port=$(free_port)
  redis-server --port "$port" --bind 127.0.0.1 --dir "$folder/redis" --save '' --appendonly no \
    --daemonize yes --pidfile "$folder/redis/pid" --logfile "$folder/redis/log" >/dev/null
  for attempt in $(seq 100); do
    if redis-cli -p "$port" ping >/dev/null 2>&1; then
      echo "export SWITCHYARD_TEST_REDIS_URL=redis://127.0.0.1:$port"
      return
    fi
    sleep 0.1
  done
  cat "$folder/redis/log" >&2
  fail "Redis did not answer after $attempt attempts"
}

case $command in
start)
  [ $# -gt 0 ] || set -- postgres redis
  mkdir -p "$folder"
  folder=$(cd "$folder" && pwd)
  missing=()
  for service in "$@"; do
    case $service in
    postgres) [ -n "$(postgres_bin)" ] || missing+=(postgresql) ;;
    redis) command -v redis-server >/dev/null || missing+=(redis-server) ;;
    *) fail "no service is called $service" ;;
    esac
  done
  [ ${#missing[@]} = 0 ] || install_packages "${missing[@]}"
  for service in "$@"; do "start_$service"; done
  ;;
stop)
  [ -d "$folder" ] || exit 0
  folder=$(cd "$folder" && pwd)
  if [ -d "$folder/postgres/db" ]; then
    as_postgres "$(postgres_bin)/pg_ctl" -D "$folder/postgres/db" -m immediate -w stop >/dev/null 2>&1 || true
  fi
  if [ -s "$folder/redis/pid" ]; then
    pid=$(cat "$folder/redis/pid")
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 50); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
  fi
  rm -rf "$folder"
  ;;
*) fail "$usage" ;;
esac
