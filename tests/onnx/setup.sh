#!/usr/bin/env bash
# Installs ONNX Runtime from PyPI into build/onnxruntime, an environment of Python of its own, where it is missing. It is
# needed by one test, which is left out without it: a failure is said and no more.
set -u
folder=$(cd "$(dirname "$0")/../.." && pwd)/build/onnxruntime
if "$folder/bin/python" -c "import numpy, onnxruntime" 2> /dev/null; then exit 0; fi
echo "setup: installing ONNX Runtime into $folder"
if ! { python3 -m venv "$folder" && "$folder/bin/pip" install --quiet --disable-pip-version-check onnxruntime numpy; }; then
  echo "setup: ONNX Runtime could not be installed; the test that runs .onnx files is left out." >&2
fi
