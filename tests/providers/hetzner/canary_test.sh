#!/bin/bash
# Canaries in every secret place, the real binary through all of its commands, and a look for them in everything that it
# printed, wrote, stored and sent: with a terminal and without, when all goes well and when a cloud repeats a token.
cloud=hetzner
kinds="ssh_keys networks firewalls placement_groups servers volumes floating_ips load_balancers"
. "$(dirname "$0")/../binary_lib.sh"

tests=$top/tests
state_server=${STATE_SERVER:-$top/build/tests/skep_state_server}
/usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null || skip "no mail server: package python3-aiosmtpd"

start_simulator --speed 100
mkdir -p seen/said seen/sent seen/reports seen/states keys

# start_server NAME COMMAND...: it serves until its input closes; what it says first goes to NAME.said.
start_server() {
  local name=$1
  shift
  mkfifo "$name.in"
  "$@" <"$name.in" >"$name.said" 2>"$name.err" &
  children+=($!)
  eval "exec {${name}_input}>$name.in"
  for _ in $(seq 100); do [ -s "$name.said" ] && return; sleep 0.05; done
  fail "$name does not start: $(cat "$name.err")"
}
port_of() { sed -n 's/^PORT //p' "$1.said" | head -n 1; }

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=skep test" \
  -keyout keys/tls.key -out keys/tls.pem 2>/dev/null
start_server receiver "$tests/providers/canary_receiver.py" "${HCLOUD_ENDPOINT%/v1}" "$folder/seen/sent"
start_server relay "$tests/fakes/smtp_server.py"
start_server mailer "$tests/fakes/smtp_server.py" --tls starttls --certificate keys/tls.pem --key keys/tls.key \
  --login "skep:mail-password-canary-31"
start_server states "$state_server"
receiver=http://127.0.0.1:$(port_of receiver)
state=$(sed -n 's/^URL=//p' states.said | head -n 1)/state
[ "$state" != /state ] || fail "the state server says no address: $(cat states.said)"

# --- the secrets: each stands in one place, and nowhere else ---
SSH_KEY=$(cat key)
mv key key.pub keys/
export SSH_KEY
export HCLOUD_ENDPOINT=$receiver/v1
export SKEP_STATE_KEY="state-key-canary-32-of-the-team"
export SKEP_GITLAB_TOKEN="glpat-canary-33-never-shown"
export UNLOCK_KEY="SWMKEY-1-canary-34-never-shown"
export HOOK="$receiver/services/hook-address-canary-35" HOOK_KEY="hook-key-canary-36-never-shown"
export MAIL_PASSWORD="mail-password-canary-31"
export PGPASSWORD="pg-password-canary-37-never-shown"
export AWS_SECRET_ACCESS_KEY="aws-secret-canary-38-never-shown"
export AWS_SESSION_TOKEN="aws-session-canary-39-never-shown"
export CI_JOB_TOKEN="job-token-canary-40-never-shown" GITHUB_TOKEN="github-token-canary-41-never-shown"
export CI_API_V4_URL=$receiver/api/v4 CI_PROJECT_ID=7 CI_MERGE_REQUEST_IID=12 CI_JOB_URL=https://gitlab.example/-/jobs/8841
export GITHUB_STEP_SUMMARY=$folder/seen/reports/summary.md SKEP_TRACE=$folder/seen/trace.jsonl
export TF_HTTP_USERNAME=anna TF_HTTP_PASSWORD=token-of-the-job TF_HTTP_ADDRESS=$state
export TF_HTTP_LOCK_ADDRESS=$state/lock TF_HTTP_UNLOCK_ADDRESS=$state/lock
printf 'file-canary-42-never-shown\n' >keys/hook-key

spec=$folder/cluster.yaml
sed 's|key: .*|key: ${SSH_KEY}|; s/mount: \/srv\/data/mount: \/srv\/data, protect: false/' \
  "$top/examples/hetzner/cluster.yaml" >"$spec"
cat >>"$spec" <<'END'
swarm: {autolock: true, unlock_key: {env: UNLOCK_KEY}}
state: {backend: http}
notify:
  chat: {webhook: "${HOOK}", secret: {env: HOOK_KEY}}
  file: {webhook: "${HOOK}", secret: {file: keys/hook-key}, on: [end]}
END
cat >>"$spec" <<END
  relay: {mail: {server: "smtp://127.0.0.1:$(port_of relay)", from: a@b.example, to: [c@d.example], tls: none}}
  untrusted:
    mail: {server: "smtp://127.0.0.1:$(port_of mailer)", from: a@b.example, to: [c@d.example], user: skep,
           password: {env: MAIL_PASSWORD}}
END
kinds_made=(--only network --only firewall --only ssh_key --only placement_group --only server --only volume
  --only floating_ip --only load_balancer)

# says CODE NAME COMMAND...: once to files, stdout and stderr apart.
says() {
  local wanted=$1 name=$2 code=0
  shift 2
  "$skep" "$@" >"seen/said/$name.out" 2>"seen/said/$name.err" || code=$?
  [ "$code" = "$wanted" ] || { cat "seen/said/$name".* >&2; fail "skep $* ended with $code, not $wanted"; }
}
# says_at_a_terminal NAME COMMAND...: the same words before a terminal, in colour.
says_at_a_terminal() {
  local name=$1
  shift
  env -u NO_COLOR TERM=xterm-256color script -qec "stty cols 100; '$skep' $(printf "'%s' " "$@")" /dev/null \
    </dev/null >"seen/said/$name.terminal" 2>&1 || true
  [ -s "seen/said/$name.terminal" ] || fail "nothing was said at a terminal: skep $*"
}

echo "--- all goes well"
says 0 validate validate -f "$spec"
says 0 plan plan -f "$spec" "${kinds_made[@]}" --gitlab seen/reports/plan --gitlab-note --json-into seen/reports/plan.json
says 0 plan-json plan -f "$spec" "${kinds_made[@]}" -json
says 0 plan-out plan -f "$spec" "${kinds_made[@]}" -out seen/states/sealed.plan
env -u SKEP_STATE_KEY "$skep" plan -f "$spec" "${kinds_made[@]}" -out seen/states/open.plan >seen/said/open-plan 2>&1
says 0 graph graph -f "$spec"
says 0 graph-plan graph -f "$spec" --plan --format dot
says_at_a_terminal plan plan -f "$spec" "${kinds_made[@]}"
touch broken
says 1 failing apply -f "$spec" --auto-approve "${kinds_made[@]}" --gitlab seen/reports/failing --gitlab-note
grep -q 'no volumes for Bearer \*\*\*' seen/said/failing.err || fail "the cloud's error was not shown: $(cat seen/said/failing.err)"
says 1 failing-json apply -f "$spec" --auto-approve "${kinds_made[@]}" -json --json-into seen/reports/failing.json
says_at_a_terminal failing apply -f "$spec" --auto-approve "${kinds_made[@]}"
rm broken
says 1 stale apply -f "$spec" seen/states/sealed.plan
says 0 apply apply -f "$spec" --auto-approve "${kinds_made[@]}" --gitlab seen/reports/apply --gitlab-note \
  --json-into seen/reports/apply.json
sed 's/count: 2/count: 1/' "$spec" >fewer.yaml
says 0 destroys plan -f fewer.yaml "${kinds_made[@]}"

echo "--- what is known"
for format in json dotenv ssh_config inventory docker-context; do
  says 0 "output-$format" output -f "$spec" --format $format
done
timeout 60 "$skep" status -f "$spec" >seen/said/status.out 2>&1 || true
[ -s seen/said/status.out ] || fail "status says nothing"
says 0 list state list -f "$spec"
for id in $("$skep" state list -f "$spec"); do
  says 0 "show-${id//\//-}" state show -f "$spec" "$id"
done
says 0 history state history -f "$spec"
says 0 history-json state history -f "$spec" -json
for id in 1 2 3; do
  says 0 "history-$id" state history -f "$spec" "$id"
  says 0 "history-$id-json" state history -f "$spec" "$id" -json
done
says_at_a_terminal history state history -f "$spec"
says 0 pull state pull -f "$spec"
says 0 schema schema
curl -s -u "anna:$TF_HTTP_PASSWORD" "$state" >seen/states/as-stored.json
grep -q '"sealed"' seen/states/as-stored.json || fail "the state is not sealed"
sed 's/^state: .*/state: {backend: local}/' "$spec" >local.yaml
says 0 local-rebuild state rebuild -f local.yaml
cp .skep/*.db* seen/states/

echo "--- mistakes"
says 1 wrong-key plan -f "$spec" -out nowhere/x.plan
env HCLOUD_TOKEN="$(printf 'canary43%.0s' $(seq 8))" "$skep" plan -f "$spec" >seen/said/wrong-token.out 2>&1 && fail "any token will do"
env TF_HTTP_PASSWORD="http-password-canary-44" "$skep" plan -f "$spec" >seen/said/wrong-password.out 2>&1 &&
  fail "any password will do"
env SKEP_STATE_KEY="another-key-canary-45-of-the-team" "$skep" plan -f "$spec" >seen/said/wrong-key.out 2>&1 &&
  fail "any key will do"
env SSH_KEY="-----BEGIN OPENSSH PRIVATE KEY-----
bm90LWEta2V5LWNhbmFyeS00Ng
-----END OPENSSH PRIVATE KEY-----" "$skep" validate -f "$spec" >seen/said/wrong-ssh.out 2>&1 && fail "any key will do"
env HOOK="hook-canary-47 is no address" "$skep" validate -f "$spec" >seen/said/wrong-hook.out 2>&1 &&
  fail "any address will do"

says 0 destroy destroy -f "$spec" --auto-approve --allow-protected
expect_nothing_left
sed '/^PORT /d' relay.said >seen/sent/mails.json
[ "$(wc -l <seen/sent/mails.json)" -ge 6 ] || fail "only $(wc -l <seen/sent/mails.json) mails came"
[ "$(find seen/sent -name 'webhook-*' | wc -l)" -ge 10 ] || fail "only $(ls seen/sent) was sent"
[ "$(find seen/sent -name 'note-*' | wc -l)" -ge 2 ] || fail "no note was kept"
grep -q 'notify.untrusted was not told' seen/said/apply.err || fail "the untrusted mail server was not noticed"

echo "--- no canary in any of it"
cat >search.py <<'END'
"""Each secret, and each form in which it could hide, in each file."""
import base64
import json
import os
import re
import sys
import urllib.parse

names = ["HCLOUD_TOKEN", "SSH_KEY", "SKEP_STATE_KEY", "SKEP_GITLAB_TOKEN", "UNLOCK_KEY", "HOOK_KEY", "MAIL_PASSWORD",
         "PGPASSWORD", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "CI_JOB_TOKEN", "GITHUB_TOKEN", "TF_HTTP_PASSWORD"]
secrets = {}
for name in names:
    for line in os.environ[name].splitlines():
        if len(line) >= 8 and "PRIVATE KEY" not in line:
            secrets.setdefault(name, []).append(line)
secrets["the address of the webhook"] = ["hook-address-canary-35"]
secrets["the secret in a file"] = ["file-canary-42-never-shown"]
secrets["a wrong token"] = ["canary43canary43"]
secrets["a wrong password"] = ["http-password-canary-44"]
secrets["a wrong state key"] = ["another-key-canary-45"]
secrets["a wrong SSH key"] = ["bm90LWEta2V5LWNhbmFyeS00Ng"]
secrets["a wrong address"] = ["hook-canary-47"]


def forms(secret):
    plain = secret.encode()
    yield plain
    yield json.dumps(secret)[1:-1].encode()
    yield urllib.parse.quote(secret, safe="").encode()
    for shift in range(3):  # base64, wherever in a text it begins; without the ends that depend on the neighbours
        coded = base64.b64encode(b"\0" * shift + plain)
        yield coded[4:-4] if len(coded) > 16 else coded
    yield plain.hex().encode()


escape = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")
needles = {form: name for name, lines in secrets.items() for line in lines for form in forms(line)}
files = sum_bytes = 0
found = []
for folder, _, names_of_files in os.walk(sys.argv[1]):
    for name in names_of_files:
        with open(os.path.join(folder, name), "rb") as file:
            content = file.read()
        files += 1
        sum_bytes += len(content)
        bare = escape.sub(b"", content).replace(b"=\n", b"").replace(b"=\r\n", b"")  # colours; quoted-printable
        for form, owner in needles.items():
            if form in content or form in bare:
                found.append(f"{owner} in {os.path.join(folder, name)}")
for line in sorted(set(found)):
    print("FOUND:", line)
print(f"{len(secrets)} secrets in {len(needles)} forms, looked for in {files} outputs of {sum_bytes} bytes: "
      f"{len(set(found))} found")
sys.exit(1 if found else 0)
END
# A search that never finds anything proves nothing.
mkdir planted
for secret in "$SKEP_STATE_KEY" "$(printf %s "$UNLOCK_KEY" | base64)" "$(sed -n 3p <<<"$SSH_KEY")"; do
  printf 'x%sx' "$secret" >planted/one
  ! /usr/bin/python3 search.py planted >planted.said || fail "a planted secret is not found: ${secret:0:12}"
done
/usr/bin/python3 search.py seen || fail "a secret shows"
