#!/bin/bash
# The state of a team behind Terraform's HTTP protocol: the real terraform and skep talk to the same server, throw-away
# folders share one cluster, a killed job's lock is seen and taken away, and a developer's token may plan.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/state_server.sh"

# What was asked since the last time, without repeats: a run writes as often as it must.
asked_now() { sed -e 1d asked | tail -n "+$((${seen:-0} + 1))" | uniq | tr '\n' ';'; }
forget() { seen=$(sed -e 1d asked | wc -l); }

step "terraform itself and skep, at the same server"
start_state_server
export TF_HTTP_ADDRESS=$URL/state TF_HTTP_LOCK_ADDRESS=$URL/state/lock TF_HTTP_UNLOCK_ADDRESS=$URL/state/lock
export TF_HTTP_USERNAME=anna TF_HTTP_PASSWORD=token-of-the-job
if command -v terraform >/dev/null; then
  mkdir terraform
  printf 'terraform {\n  backend "http" {}\n}\nresource "terraform_data" "one" { input = "x" }\n' >terraform/main.tf
  (cd terraform && terraform init -input=false && terraform apply -auto-approve -input=false) >terraform.log 2>&1 ||
    { cat terraform.log >&2; fail "terraform fails at this server"; }
  echo "terraform asked: $(asked_now)"
  case "$(asked_now)" in *"LOCK /state/lock 200;GET /state 404;"*"POST /state 200;UNLOCK /state/lock 200;") ;;
    *) fail "terraform asks otherwise: $(asked_now)" ;;
  esac
  forget
  write_spec 1 0 "state: {backend: http}"
  expect_exit 1 "$skep" plan -f "$spec"
  grep -q "is not a state of skep" out || { cat out >&2; fail "a foreign state is not refused"; }
else
  echo "terraform is not installed: its own exchanges are not compared"
fi
exec 8>&-
unset "${!TF_HTTP_@}"

step "in a GitLab job nothing needs to be set"
ssh-keygen -q -t ed25519 -N '' -f key
start_state_server --gitlab
forget
export GITLAB_CI=true CI_API_V4_URL=$URL/api/v4 CI_PROJECT_ID=7 CI_JOB_TOKEN=token-of-the-job
export CI_JOB_URL=https://gitlab.example/-/jobs/8841
write_spec 1 1 "state: {backend: http}
ssh: {key: $folder/key}"
apply
echo "skep asked: $(asked_now)"
case "$(asked_now)" in "POST /state/lock 200;GET /state 204;POST /state 200;DELETE /state/lock 200;") ;;
  *) fail "an apply asks otherwise: $(asked_now)" ;;
esac
[ ! -e "$folder/.skep/$cluster.db" ] || fail "a local state was made as well"

step "another runner, with nothing but the repository, plans nothing; so does a developer's token"
mkdir runner
cp "$spec" runner/
expect_exit 0 "$skep" plan -f runner/cluster.yaml --detailed-exitcode
forget
CI_JOB_TOKEN=token-of-a-developer expect_exit 0 "$skep" plan -f runner/cluster.yaml --detailed-exitcode
[ "$(asked_now)" = "GET /state 200;" ] || fail "a plan asks for more: $(asked_now)"
CI_JOB_TOKEN=token-of-a-developer expect_exit 1 "$skep" apply -f runner/cluster.yaml --auto-approve
grep -q Maintainer out || { cat out >&2; fail "it is not said what is missing"; }

step "a job that is killed in the middle leaves its lock and its intents; the next one is told, and goes on"
write_spec 1 2 "state: {backend: http}
ssh: {key: $folder/key}"
"$skep" apply -f "$spec" --auto-approve >apply.log 2>&1 &
job=$!
for _ in $(seq 200); do grep -q 'server/worker-2: creating' apply.log && break; sleep 0.05; done
sleep 0.5
kill -9 "$job"
wait "$job" 2>/dev/null || true
cp "$spec" runner/
CI_JOB_URL=https://gitlab.example/-/jobs/8842 expect_exit 3 "$skep" apply -f runner/cluster.yaml --auto-approve
grep -q 'lock job-8841-' out && ! grep -q 8842 out || { cat out >&2; fail "the holder's job is not named"; }
expect_exit 0 "$skep" state unlock -f runner/cluster.yaml --force
expect_exit 0 "$skep" apply -f runner/cluster.yaml --auto-approve
[ "$(machine_processes)" = 3 ] || fail "$(machine_processes) machines, not 3"
expect_exit 0 "$skep" plan -f "$spec" --detailed-exitcode
expect_exit 0 "$skep" state history -f "$spec"

step "no token is anywhere in the open"
! grep -rq token-of-the-job --include='*' "$folder/.skep" runner out apply.log || fail "a token lies about"

step "destroyed from the runner"
expect_exit 0 "$skep" destroy -f runner/cluster.yaml --auto-approve
expect_nothing_left
