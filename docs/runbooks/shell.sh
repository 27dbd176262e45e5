# shellcheck shell=bash
# Commands for the runbooks of a local stack, for bash: `. docs/runbooks/shell.sh` in the checkout, as the user who ran `make up`.
# STACK is the stack's name (default: local), HOWDAH_STATE its folder if `howdah:local.stateDirectory` names one. README.md lists the commands.

export STACK=${STACK:-local}
export PULUMI_STACK=$STACK
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
if [ "$(id -u)" = 0 ]; then state=/var/lib/howdah; else state=${XDG_STATE_HOME:-$HOME/.local/state}/howdah; fi
state=${HOWDAH_STATE:-${HOWDAH_STATE_ROOT:-$state}/$STACK}

# A program as the service user, in the stack's folder, without this shell's variables. For root with a terminal of its own, or none:
# in root's, a program of that user could type.
as_service() {
  local user=() clean=(env -C "$state" -i "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin" "HOME=$state/run" "TERM=${TERM:-dumb}" "LANG=${LANG:-C.UTF-8}")
  if [ "$(id -u)" = 0 ]; then
    user=(runuser -u "$(stat -c %U "$state/etc")")
    if [ -t 0 ]; then user+=(--pty); else user=(setsid --wait "${user[@]}"); fi
    user+=(--)
  fi
  "${user[@]}" "${clean[@]}" "$@"
}

# What the stack consists of, as its job file says. Only read, as data: the file is the service user's.
declare -A ports=()
servers='' members='' program=''
while read -r kind name value; do
  case $kind in
    server) servers+=${servers:+ }$name ;;
    member) members+=${members:+ }$name ;;
    patronictl) program=$name ;;
    port) ports[$name]=$value ;;
  esac
done < <({ as_service cat etc/job.json </dev/null | node -e '
  const { servers, etcd, poolerPort, monitoring, patronictl } = JSON.parse(fs.readFileSync(0, "utf8"));
  const ports = { pooler: poolerPort, prometheus: monitoring?.prometheusPort, alertmanager: monitoring?.alertmanagerPort };
  for (const { name, port, restPort } of servers) Object.assign(ports, { [name]: port, [`patroni-${name}`]: restPort });
  for (const { name, clientPort } of etcd) ports[name] = clientPort;
  for (const { name } of servers) console.log("server", name);
  for (const { name } of etcd) console.log("member", name);
  for (const [name, port] of Object.entries(ports)) if (port !== undefined) console.log("port", name, port);
  console.log("patronictl", patronictl);'; } 2>/dev/null)
[ -n "$servers" ] || echo "no stack \"$STACK\" in $state: set STACK, or HOWDAH_STATE to its folder" >&2
# Port of NAME: a server, a member, patroni-SERVER, pooler, prometheus, alertmanager
port() {
  [ -n "${ports[$1]:-}" ] || { echo "stack \"$STACK\" has no $1; it has: ${!ports[*]}" >&2 && return 1; }
  echo "${ports[$1]}"
}

# A value of the job file. EXPRESSION: JavaScript, with `job`
value() { as_service cat etc/job.json </dev/null | node -p 'new Function("job", `return ${process.argv[1]}`)(JSON.parse(fs.readFileSync(0, "utf8")))' "$1"; }

howdah() { "$checkout/bin/howdah" "$@"; }
patronictl() { as_service "$program" -c etc/patroni-node1.yml "$@"; }
supervisorctl() { as_service "${program%/*}/supervisorctl" -c supervisor/supervisord.conf "$@"; }
pgbackrest() { as_service pgbackrest "--config=$state/etc/pgbackrest.conf" --stanza=main "$@"; }

# curl, which trusts the stack's own authority. The last argument is the URL.
fetch() { as_service curl -sS --fail-with-body --max-time 10 --cacert tls/ca.crt "$@" </dev/null; }
# SERVER PATH [OPTION …]
patroni() {
  local number
  number=$(port "patroni-$1") || return
  fetch "${@:3}" "https://127.0.0.1:$number$2" && echo
}
# MEMBER PATH [OPTION …]
etcd() {
  local number
  number=$(port "$1") || return
  fetch --cert "tls/$1.crt" --key "tls/$1.key" "${@:3}" "https://127.0.0.1:$number$2" && echo
}
# COMMAND
haproxy() {
  as_service perl -MIO::Socket::UNIX -e '
    my $socket = IO::Socket::UNIX->new("run/haproxy.sock") or die "HAProxy does not answer: $!\n";
    print $socket "$ARGV[0]\n"; print while <$socket>' "$1" </dev/null
}

# Name of a SERVER: primary and replica are what Patroni says, the first that it says it of.
server() {
  local name role='"state": "running".*"role": "replica"'
  case $1 in
    replica) ;;
    primary) role='"role": "primary"' ;;
    *) echo "$1" && return ;;
  esac
  for name in $servers; do
    if patroni "$name" /patroni 2>/dev/null | grep -q "$role"; then echo "$name" && return; fi
  done
  echo "no server is the $1: see patronictl list" >&2
  return 1
}
# ROLE SERVER [DATABASE], and psql's options. Over the Unix socket, where the superuser has connections of its own if all others are taken;
# with nothing of the users' in the search path.
open_psql() {
  local name number role=$1 database=postgres
  name=$(server "$2") && number=$(port "$name") || return
  shift 2
  case ${1:--} in -*) ;; *) database=$1 && shift ;; esac
  as_service psql -X "host=$state/run port=$number user=postgres dbname=$database options='-c search_path=pg_catalog -c role=$role'" "$@"
}
sql() { open_psql howdah_monitoring "$@"; }
superuser() { open_psql postgres "$@"; }
pooler() { as_service psql -X "host=$state/run port=$(port pooler) user=pgbouncer dbname=pgbouncer" "$@"; }

# EXPRESSION: a line for each series
query() {
  # shellcheck disable=SC2016
  as_service sh -c 'printf "user = \"prometheus:%s\"\n" "$(cat etc/monitoring.password)" |
    curl -sS --fail-with-body --max-time 10 -K - --cacert tls/ca.crt --data-urlencode "query=$1" "https://127.0.0.1:$2/api/v1/query"' \
    sh "$1" "$(port prometheus)" </dev/null |
    node -p 'const { data, error } = JSON.parse(fs.readFileSync(0, "utf8"));
      if (error) { console.error(error); process.exit(1); }
      const line = ({ metric: { stack, instance, ...labels }, value }) => `${value[1]} ${JSON.stringify(labels)}`;
      data.result.map(line).join("\n") || "no series"'
}
amtool() {
  # shellcheck disable=SC2016
  as_service sh -c 'printf "tls_config: { ca_file: %s/tls/ca.crt }\nbasic_auth: { username: prometheus, password_file: %s/etc/monitoring.password }\n" "$PWD" "$PWD" |
    amtool --http.config.file=/dev/stdin --alertmanager.url="https://127.0.0.1:$0" "$@"' "$(port alertmanager)" "$@" </dev/null
}

# NAME [LINES]: the end of a service's log, or of the PostgreSQL log of a server
logs() {
  # shellcheck disable=SC2016
  as_service sh -c 'file=log/$1.log; [ -e "$file" ] || file=$(ls -t log/postgresql-"$1"-*.log | head -n 1); tail -n "$2" "$file"' sh "$1" "${2:-50}" </dev/null
}
