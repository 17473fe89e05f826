# Shared by the tests of checked-in pipelines; after lib.sh. The test says `job_script NAME`: that job's lines of shell.
# shellcheck shell=bash disable=SC2154
mkdir bin repository
ln -s "$skep" bin/skep
export PATH=$folder/bin:$PATH

# run_job NAME [CODE]: a runner with a fresh clone; what it leaves as an artifact goes to the next.
run_job() {
  local lines code=0
  lines=$(job_script "$1")
  [ -n "$lines" ] || fail "the pipeline has no job $1"
  rm -rf job
  cp -r repository job
  [ ! -d artifacts ] || cp -r artifacts/. job/
  (cd job && bash -e -c "$lines") >out 2>&1 || code=$?
  [ "$code" = "${2:-0}" ] || { cat out >&2; fail "the job $1 ended with $code, not ${2:-0}"; }
  mkdir -p artifacts
  [ ! -f job/plan.json ] || cp job/plan.json artifacts/
  [ ! -d job/reports ] || cp -r job/reports artifacts/
}
