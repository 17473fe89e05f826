#!/bin/bash
# The pipeline of examples/gitlab-ci, its scripts run as they stand: validate, plan, apply of the saved plan, the nightly
# look at reality; each job in a folder of its own, with the repository, its artifacts and GitLab's variables alone.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/state_server.sh"
pipeline=$top/examples/gitlab-ci/.gitlab-ci.yml
. "$(dirname "$0")/pipeline.sh"

# The lines of a job's script.
job_script() {
  awk -v job="$1:" '$0 == job {on = 1; next} /^[^ #]/ {on = 0}
    on && /^  script:/ {script = 1; next} on && /^  [a-z]/ {script = 0} on && script {sub(/^ *- /, ""); print}' "$pipeline"
}

step "a merge request: validated and planned; nothing exists"
ssh-keygen -q -t ed25519 -N '' -f key
start_state_server --gitlab
export GITLAB_CI=true CI_API_V4_URL=$URL/api/v4 CI_PROJECT_ID=7 CI_JOB_TOKEN=token-of-the-job
SSH_KEY=$(cat key)
export SSH_KEY
write_spec 1 1 'state: {backend: http}
ssh: {key: "${SSH_KEY}"}'
cp "$spec" repository/
run_job validate
CI_JOB_TOKEN=token-of-a-developer run_job plan
grep -q '"create":' artifacts/reports/tfplan.json || fail "there is no report for the merge request"
[ "$(machine_processes)" = 0 ] || fail "a plan made machines"

step "the default branch: planned again, applied by hand, and nothing left to do at night"
run_job plan
CI_JOB_STARTED_AT=$(date -u +%Y-%m-%dT%H:%M:%SZ) CI_JOB_TIMEOUT=3600 run_job apply
[ "$(machine_processes)" = 2 ] || fail "$(machine_processes) machines, not 2"
grep -q "^SKEP_OUTCOME=done$" artifacts/reports/skep.env || fail "the apply has no report"
run_job pages
[ -s job/public/index.html ] || fail "there is no page"
run_job drift

step "the same plan twice is stale; a spec that asks for more shows at night"
run_job apply 1
grep -q "is stale" out || { cat out >&2; fail "it is not said why"; }
write_spec 1 2 'state: {backend: http}
ssh: {key: "${SSH_KEY}"}'
cp "$spec" repository/
run_job drift 2
if grep -qr "PRIVATE KEY\|token-of" out artifacts; then fail "a secret lies about"; fi

expect_exit 0 "$skep" destroy --auto-approve
rm "$spec"
expect_nothing_left
