#!/bin/bash
# The workflow of examples/github-actions, its scripts run as they stand: validate, plan, apply of the saved plan, the
# nightly look at reality; each job in a folder of its own, with the variables that the workflow gives it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/state_server.sh"
workflow=$top/examples/github-actions/.github/workflows/cluster.yml
. "$(dirname "$0")/pipeline.sh"

# The lines of a job's steps.
job_script() {
  awk -v job="  $1:" '$0 == job {on = 1; next} /^  [^ ]/ {on = 0}
    on && /^      - run: \|$/ {script = 1; next} on && /^      - / {script = 0} on && script' "$workflow"
}

step "a pull request: validated and planned; nothing exists"
ssh-keygen -q -t ed25519 -N '' -f key
start_state_server
export TF_HTTP_ADDRESS=$URL/state TF_HTTP_LOCK_ADDRESS=$URL/state/lock
export TF_HTTP_USERNAME=anna TF_HTTP_PASSWORD=token-of-the-job
export GITHUB_STEP_SUMMARY=$folder/summary.md GITHUB_SHA=0123456789abcdef0123456789abcdef01234567
SSH_KEY=$(cat key)
export SSH_KEY
write_spec 1 0 'state: {backend: http}
ssh: {key: "${SSH_KEY}"}'
cp "$spec" repository/
run_job validate
run_job plan
grep -q "^### skep plan: $cluster" summary.md || fail "the job's summary lacks the plan"
[ "$(machine_processes)" = 0 ] || fail "a plan made machines"

step "the default branch: applied once approved, nothing left to do at night, and the same plan is stale"
run_job apply
grep -q "^### skep apply: $cluster" summary.md || fail "the job's summary lacks the apply"
[ "$(machine_processes)" = 1 ] || fail "$(machine_processes) machines, not 1"
run_job drift
run_job apply 1
grep -q "is stale" out || { cat out >&2; fail "it is not said why"; }

step "a spec that asks for more shows at night; no secret lies about"
write_spec 1 1 'state: {backend: http}
ssh: {key: "${SSH_KEY}"}'
cp "$spec" repository/
run_job drift 2
if grep -qr "PRIVATE KEY\|token-of" out artifacts summary.md; then fail "a secret lies about"; fi

expect_exit 0 "$skep" destroy --auto-approve
rm "$spec"
expect_nothing_left
