#!/usr/bin/env bash
# Runs make targets in a fresh Debian that has nothing but the README's prerequisites, as a newcomer's machine.
#
#   dev/fresh/run.sh [WORD ...]   runs the words as one command instead of the targets in $STEPS (default: up status down test)
#
#   SUITE=trixie   another release than Debian 12
#   SHARE=1        brings this machine's npm packages, Pulumi engine and supercronic, so that neither is downloaded or built again
#
# Exit code 77: a fresh system cannot be made here (not root, no debootstrap, no namespaces, no mirror).
# The machine's own registry settings (apt, npm, pip, Go, proxies, authorities) are handed in; nothing else of it is.
# Processes, mounts and temporary files are the fresh system's own. The network is the machine's: the ports of its stacks have to be free.
set -euo pipefail

steps=${STEPS:-up status down test}
suite=${SUITE:-bookworm}
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
place=${FRESH_FOLDER:-/var/tmp}

fail() {
  echo "howdah: $*" >&2
  exit 1
}

cannot() {
  echo "howdah: no fresh Debian can be made here: $*" >&2
  exit 77
}

[[ $(id -u) == 0 ]] || cannot "debootstrap has to run as root"
unshare --mount --pid --net --fork true 2> /dev/null || cannot "the kernel allows no namespaces"
for step in $steps; do
  grep -qE "^$step:" "$checkout/Makefile" || fail "STEPS names \"$step\"; allowed: targets of the Makefile, such as \"up status down test\" or \"up check\""
done
for program in node npm go git; do
  command -v "$program" > /dev/null || fail "make test-fresh copies Node and Go into the fresh system, and the files that git knows: $program is not on PATH"
done

# What a run that was killed has left: the number of its process is in the name.
for left in "$place"/howdah-fresh.*; do
  [[ -d $left && ! -d /proc/${left##*.} ]] && rm -rf --one-file-system "$left"
done

if ! command -v debootstrap > /dev/null; then
  apt-get update -q || cannot "the package lists cannot be fetched"
  apt-get install -q --yes --no-install-recommends debootstrap || cannot "debootstrap cannot be installed"
fi

root=$place/howdah-fresh.$$
init=
finish() {
  local code=$?
  trap '' INT TERM
  # With its first process the namespace ends: every process in it, and every mount.
  if [[ -n $init ]]; then
    kill -KILL "$init" 2> /dev/null || true
    wait "$init" 2> /dev/null || true
  fi
  rm -rf --one-file-system "$root"
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir -m 0700 "$root"

ROOT=$root SUITE=$suite SHARE=${SHARE:-} CHECKOUT=$checkout STEPS=$steps \
  unshare --mount --pid --fork --kill-child=KILL --propagation private "$checkout/dev/fresh/build.sh" "$@" < /dev/null &
init=$!
wait "$init"
