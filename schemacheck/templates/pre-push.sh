#!/bin/sh
# schemacheck: judges each commit that is pushed. Git names them on standard input, zeros where a branch is deleted.
# Written by `schemacheck init --hook`; delete this file to be rid of it, or skip it once with --no-verify.
python=@PYTHON@
check() {
  if [ -n "$python" ] && [ -x "$python" ]; then
    "$python" -P -m schemacheck check --current "git:$1" </dev/null
  elif command -v schemacheck >/dev/null 2>&1; then
    schemacheck check --current "git:$1" </dev/null
  else
    echo "schemacheck: not found, so the event schemas were not checked" >&2
    echo "hint: install it again and run schemacheck init --hook, or skip it once with git push --no-verify" >&2
    return 3
  fi
}
status=0
while read -r _ commit _; do
  case $commit in
  *[!0]*) check "$commit" || status=$? ;;
  esac
done
exit "$status"
