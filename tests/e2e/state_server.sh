# Shared by the tests of a state that a team shares; after lib.sh.
# shellcheck shell=bash disable=SC2154
state_server=${STATE_SERVER:-$top/build/tests/skep_state_server}

# While the server still lives.
tear_down() { [ ! -f "$spec" ] || timeout 120 "$skep" destroy -f "$spec" --auto-approve >/dev/null 2>&1 && rm -f "$spec"; }

# start_state_server [--gitlab]: sets URL; what it is asked goes to ./asked.
start_state_server() {
  rm -f stdin
  mkfifo stdin
  "$state_server" "$@" <stdin >asked &
  exec 8>stdin # it serves until this closes
  for _ in $(seq 100); do grep -q URL= asked && break; sleep 0.05; done
  URL=$(sed -n 's/^URL=//p' asked)
  [ -n "$URL" ] || fail "the server does not start"
}
