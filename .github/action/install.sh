#!/usr/bin/env bash
# Installs this very commit of schemacheck into an environment of its own, with the dependencies of requirements.txt.
# Python runs isolated (-I): no module of the repository that is judged can be imported.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
environment="$RUNNER_TEMP/schemacheck-environment"

python=""
for name in python3 python; do
  if "$name" -I -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python="$name"
    break
  fi
done
if [ -z "$python" ]; then
  echo "::error title=schemacheck::Python 3.11 or newer was not found: put actions/setup-python before this step"
  exit 3
fi
"$python" -I -m venv "$environment"
if [ -d "$environment/Scripts" ]; then
  python="$environment/Scripts/python.exe"
else
  python="$environment/bin/python"
fi
"$python" -I -m pip install --quiet --disable-pip-version-check --require-hashes -r "$here/requirements.txt"
"$python" -I -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation "$here/../.."
echo "python=$python" >>"$GITHUB_OUTPUT"
