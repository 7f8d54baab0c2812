# shellcheck shell=bash
# What the scripts of this folder share. Sourced, never run. Needs bash, coreutils and /proc; nothing else.

ops_root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"

# A worker ends by itself within its grace and a reserve for shutting down, 90 s in all by default.
worker_stop_seconds=95

say() { printf '%s\n' "$*"; }
step() { printf '\n==> %s\n' "$*"; }
fail() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# Prints the comment block at the head of a script as its help.
usage_of() { sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$1"; }

# Prints the newest folder that holds initdb and postgres, or nothing.
postgres_bin() {
  local folder
  if [[ -n "${POSTGRES_BIN:-}" ]]; then
    printf '%s' "$POSTGRES_BIN"
    return
  fi
  for folder in $(printf '%s\n' /usr/lib/postgresql/*/bin /usr/pgsql-*/bin | sort -Vr); do
    if [[ -x "$folder/initdb" && -x "$folder/postgres" ]]; then
      printf '%s' "$folder"
      return
    fi
  done
  if command -v initdb >/dev/null && command -v postgres >/dev/null; then
    dirname "$(readlink -f "$(command -v initdb)")"
  fi
}

# Prints the folder of RabbitMQ's own scripts, or nothing. The wrapper in /usr/sbin insists on the system's user and folders.
rabbitmq_bin() {
  local folder
  if [[ -n "${RABBITMQ_BIN:-}" ]]; then
    printf '%s' "$RABBITMQ_BIN"
    return
  fi
  for folder in /usr/lib/rabbitmq/bin /opt/rabbitmq/sbin; do
    if [[ -x "$folder/rabbitmq-server" ]]; then
      printf '%s' "$folder"
      return
    fi
  done
}

# process_start_time PID: kernel ticks at which it started. With the id it names a process for ever: ids are used again, pairs are not.
process_start_time() {
  local stat
  stat="$(cat "/proc/$1/stat" 2>/dev/null)" || return 1
  stat="${stat##*) }"
  # Field 22 of the file; the first two are cut off above.
  awk '{ print $20 }' <<<"$stat"
}

# remember_process FILE PID
remember_process() { printf '%s %s\n' "$2" "$(process_start_time "$2")" >"$1"; }

# remembered_process FILE: prints the id when that very process still runs.
remembered_process() {
  local pid started
  [[ -s "$1" ]] || return 1
  read -r pid started <"$1" || return 1
  [[ -n "$started" && "$(process_start_time "$pid")" == "$started" ]] || return 1
  # A zombie has ended; only its parent has not looked yet.
  [[ "$(awk '/^State:/ { print $2 }' "/proc/$pid/status" 2>/dev/null)" != Z ]] || return 1
  printf '%s' "$pid"
}

# end_process FILE SECONDS: TERM, wait, KILL; the file goes away. Nothing happens when the process has ended already.
end_process() {
  local pid tenths=$(($2 * 10))
  if pid="$(remembered_process "$1")"; then
    kill -TERM "$pid" 2>/dev/null || true
    while ((tenths-- > 0)) && remembered_process "$1" >/dev/null; do sleep 0.1; done
    if pid="$(remembered_process "$1")"; then
      kill -KILL "$pid" 2>/dev/null || true
    fi
  fi
  rm -f "$1"
}

port_is_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Prints a free loopback port below the range that the kernel hands out by itself.
free_port() {
  local port
  for _ in $(seq 100); do
    port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
    if ! port_is_open "$port"; then
      printf '%s' "$port"
      return
    fi
  done
  fail "no free port found between 20000 and 31999"
}

# 32 letters and digits.
new_password() { head -c 512 /dev/urandom | LC_ALL=C tr -dc 'A-Za-z0-9' | head -c 32; }

# The program that the Release build makes.
batch_program() { printf '%s' "$ops_root/artifacts/bin/Qwen3VL.Batch.Worker/release/qwen3vl-batch"; }

build_release() {
  DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 dotnet build "$ops_root/Qwen3VL.Batch.sln" -c Release --nologo -v quiet
}

# load_env FILE: exports what ops/servers wrote.
load_env() {
  set -a
  # shellcheck disable=SC1090 # written by ops/servers
  source "$1"
  set +a
}

# migrate_service DIR: schema, roles and users of the database in DIR/servers, as its owner.
migrate_service() {
  (
    load_env "$1/servers/env.owner"
    "$(batch_program)" migrate --create-roles \
      --worker-login qwen3vl_app --worker-password-file "$1/servers/postgres-worker.password" \
      --reader-login qwen3vl_reader --reader-password-file "$1/servers/postgres-reader.password"
  )
}

# start_worker DIR: starts a worker in the background, DIR/worker.pid and DIR/worker.log; waits until it takes commands.
start_worker() {
  local dir="$1" program
  program="$(batch_program)"
  if remembered_process "$dir/worker.pid" >/dev/null; then end_process "$dir/worker.pid" "$worker_stop_seconds"; fi
  setsid "$program" worker </dev/null >"$dir/worker.log" 2>&1 &
  remember_process "$dir/worker.pid" "$!"
  # Its end is nothing for this shell to report.
  disown "$!"
  for _ in $(seq 600); do
    if grep -qs "worker [0-9]* registered" "$dir/worker.log"; then
      say "worker is ready (process $(cut -d' ' -f1 "$dir/worker.pid"), log $dir/worker.log)"
      return
    fi
    remembered_process "$dir/worker.pid" >/dev/null || break
    sleep 0.1
  done
  tail -n 20 "$dir/worker.log" >&2
  fail "the worker did not become ready; see $dir/worker.log"
}

# open_service DIR SOURCES: servers, schema and one worker in DIR, for files below SOURCES. Ended by close_service DIR.
open_service() {
  step "Starting RabbitMQ and PostgreSQL"
  "$ops_root/ops/servers" start "$1/servers"
  export QWEN3VL_Media__SourceRoot="$2"
  step "Applying migrations"
  migrate_service "$1"
  # The worker works as one who may not change the schema or delete results; what follows here only reads.
  load_env "$1/servers/env"
  step "Starting one worker${QWEN3VL_Engine__ModelFolder:+ with the model in $QWEN3VL_Engine__ModelFolder}"
  start_worker "$1"
  load_env "$1/servers/env.reader"
}

close_service() {
  step "Stopping what was started"
  end_process "$1/worker.pid" "$worker_stop_seconds"
  "$ops_root/ops/servers" stop "$1/servers"
}

# say_how_to_go_on DIR: what to type while the service keeps running.
say_how_to_go_on() {
  say "Servers and worker keep running. To use them:"
  say "  set -a; . $1/servers/env; QWEN3VL_Media__SourceRoot=$QWEN3VL_Media__SourceRoot; set +a"
  say "  $(batch_program) status"
  say "  $(batch_program) submit FILE --task ocr --wait        (files below $QWEN3VL_Media__SourceRoot)"
  say "To end them:"
  say "  kill $(cut -d' ' -f1 "$1/worker.pid"); ops/servers stop $1/servers"
}
