#!/usr/bin/env bash
# The life of a stack (smoke.sh) in a fresh Debian of each release that this machine is not. Exit code 77: see run.sh.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")

for suite in ${SUITES:-trixie}; do
  SUITE=$suite SHARE=1 "$here/run.sh" dev/fresh/smoke.sh
done
