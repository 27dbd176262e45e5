#!/usr/bin/env bash
# Makes the fresh system in $ROOT and runs the steps in it; first process of a mount and PID namespace (see run.sh).
set -euo pipefail

# A first process ignores what it has no handler for.
trap 'exit 130' INT
trap 'exit 143' TERM

system=$ROOT/system

# This machine's own suite: its mirrors have the others, too.
# shellcheck source=/dev/null
own_suite=$(. /etc/os-release && echo "$VERSION_CODENAME")

# Address of Debian's own packages in this machine's settings; debootstrap's own choice if there is none.
mirror() {
  # shellcheck disable=SC2016 # apt-get replaces these itself
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' "Codename: $own_suite" 'Component: main' | sort -u | head -n 1
}

# Debian's sources as this machine has them, for the wanted suite and without sources of others.
sources() {
  # shellcheck disable=SC2016 # apt-get replaces these itself
  apt-get indextargets --format 'deb $(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' |
    sed -n "s/ $own_suite\([ -]\)/ $SUITE\1/p" | sort -u
}

copy() {
  local from=$1 to=$2
  [[ -e $from ]] || return 0
  mkdir -p "$(dirname "$system$to")"
  cp -aL "$from" "$system$to"
}

mount_kernel_files() {
  mount -t proc proc "$system/proc"
  mount --rbind /sys "$system/sys"
  # Not the machine's /dev: a bind of it has no /dev/shm of its own, which PostgreSQL needs.
  mount -t tmpfs -o mode=0755,nosuid tmpfs "$system/dev"
  for device in null zero full random urandom tty; do
    touch "$system/dev/$device"
    mount --bind "/dev/$device" "$system/dev/$device"
  done
  ln -s /proc/self/fd "$system/dev/fd"
  for number in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${number%%:*}" "$system/dev/${number#*:}"; done
  mkdir "$system/dev/shm" "$system/dev/pts"
  mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$system/dev/shm"
  mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts "$system/dev/pts"
  ln -s pts/ptmx "$system/dev/ptmx"
}

# Node and Go as this machine has them: Debian has older ones.
bring_tools() {
  local node npm go
  node=$(realpath "$(command -v node)")
  npm=$(dirname "$(dirname "$(realpath "$(command -v npm)")")")
  go=$(go env GOROOT)
  install -D -m 0755 "$node" "$system/usr/local/bin/node"
  mkdir -p "$system/usr/local/lib/node_modules" "$system/usr/local/go"
  cp -a "$npm" "$system/usr/local/lib/node_modules/npm"
  for name in npm npx; do ln -s "../lib/node_modules/npm/bin/$name-cli.js" "$system/usr/local/bin/$name"; done
  mount --bind -o ro "$go" "$system/usr/local/go"
  ln -s ../go/bin/go "$system/usr/local/bin/go"
}

bring_settings() {
  copy /etc/resolv.conf /etc/resolv.conf
  copy /etc/hosts /etc/hosts
  sources > "$system/etc/apt/sources.list"
  { apt-config dump | grep -E '^Acquire::(http|https|Retries|AllowInsecure)' || true; } > "$system/etc/apt/apt.conf.d/99machine"
  copy /usr/local/share/ca-certificates /usr/local/share/ca-certificates
  chroot "$system" /usr/sbin/update-ca-certificates > /dev/null 2>&1
  copy "$(npm config get globalconfig)" /usr/local/etc/npmrc
  copy "$(npm config get userconfig)" /root/.npmrc
  copy /etc/pip.conf /etc/pip.conf
  copy "$HOME/.config/pip" /root/.config/pip
  copy "$(go env GOENV)" /root/.config/go/env
}

# Of this machine's environment, what says where registries are and who signs for them.
handed_in() {
  env -0 | grep -zE '^((npm_config|NPM_CONFIG|PIP)_[A-Za-z_]+|GO(PROXY|SUMDB|NOSUMDB|NOSUMCHECK|PRIVATE|NOPROXY|INSECURE|AUTH|TOOLCHAIN)|(https?|no|all)_proxy|(HTTPS?|NO|ALL)_PROXY|(SSL_CERT|NODE_EXTRA_CA|REQUESTS_CA|CURL_CA)[A-Z_]*)=' |
    grep -zvE '^(npm_config_(prefix|globalconfig|userconfig|local_prefix|cache|init_module|node_gyp|noproxy|user_agent|npm_version)|PIP_(PREFIX|TARGET|USER|CACHE_DIR))=' || true
}

# The files as a commit would have them, and no leftover of this checkout. Not in root's home: tests run them as another user, too.
bring_checkout() {
  mkdir "$system/usr/src/howdah"
  git -C "$CHECKOUT" ls-files -z --cached --others --exclude-standard --deduplicate |
    (cd "$CHECKOUT" && while IFS= read -rd '' path; do [[ ! -e $path ]] || printf '%s\0' "$path"; done) |
    tar -C "$CHECKOUT" --null -T - -c | tar -C "$system/usr/src/howdah" --no-same-owner -x
}

# What any Debian runs as it is, because it is linked statically or is JavaScript: a run with SHARE=1 is about the distribution only.
bring_builds() {
  local cache=${XDG_CACHE_HOME:-$HOME/.cache}/howdah/engine programs=${HOWDAH_PROGRAMS:-/var/lib/howdah/.tools}
  copy "$cache" /root/.cache/howdah/engine
  for program in "$programs"/supercronic-*; do copy "$program" "/var/lib/howdah/.tools/${program##*/}"; done
  mkdir "$system/usr/src/howdah/node_modules"
  mount --bind -o ro "$CHECKOUT/node_modules" "$system/usr/src/howdah/node_modules"
  # For make, which compares ages.
  touch -r "$CHECKOUT/node_modules/.package-lock.json" "$system/usr/src/howdah/package-lock.json"
  # jest and the tests write here only.
  mount -t tmpfs tmpfs "$system/usr/src/howdah/node_modules/.cache"
}

echo "== a fresh Debian ($SUITE) in $system"
debootstrap --variant=minbase --include=ca-certificates,make "$SUITE" "$system" "$(mirror)" > "$ROOT/debootstrap.log" ||
  { tail -n 20 "$ROOT/debootstrap.log" >&2; exit 77; }
# A chroot's root is no mount point, and a namespace made in it (unshare) needs one.
mount --bind "$system" "$system"
mount_kernel_files
bring_tools
bring_settings
bring_checkout
if [[ $SHARE == 1 ]]; then bring_builds; fi
mapfile -d '' -t settings < <(handed_in)

inside() {
  chroot "$system" /usr/bin/env -i "${settings[@]}" HOME=/root USER=root LANG=C.UTF-8 \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    /bin/sh -c 'cd /usr/src/howdah && exec "$@"' sh "$@" &
  # In the background, so that an interrupt is handled at once.
  wait $!
}

if [[ $# -gt 0 ]]; then
  echo "== $*"
  inside "$@"
  exit
fi
for step in $STEPS; do
  echo "== make $step"
  inside make --no-print-directory "$step" YES=1
done
