#!/bin/sh
# schemacheck: judges the index, which is what the next commit will hold.
# Written by `schemacheck init --hook`; delete this file to be rid of it, or skip it once with --no-verify.
python=@PYTHON@
if [ -n "$python" ] && [ -x "$python" ]; then
  exec "$python" -P -m schemacheck check --staged
elif command -v schemacheck >/dev/null 2>&1; then
  exec schemacheck check --staged
fi
echo "schemacheck: not found, so the event schemas were not checked" >&2
echo "hint: install it again and run schemacheck init --hook, or skip it once with git commit --no-verify" >&2
exit 3
