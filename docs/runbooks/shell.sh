# Commands for the runbooks of a local stack, for bash: `. docs/runbooks/shell.sh` in the checkout, as the user who ran `make up`.
# STACK is its name (default: local), HOWDAH_STATE its folder if local.stateDirectory names one. See README.md in this folder.
# shellcheck shell=bash

export STACK=${STACK:-local} PULUMI_STACK=${STACK:-local}
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
if [ "$(id -u)" = 0 ]; then states=/var/lib/howdah; else states=${XDG_STATE_HOME:-$HOME/.local/state}/howdah; fi
state=${HOWDAH_STATE:-${HOWDAH_STATE_ROOT:-$states}/$STACK}
[ -d "$state/etc" ] || echo "no stack in $state: set STACK, or HOWDAH_STATE for its folder" >&2

# A command as the service user, in the stack's folder, with nothing of this shell's environment. As root: on a terminal of its
# own, as a program of that user could otherwise type into root's.
as_service() {
  local own=() words=(env -C "$state" -i "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin" "HOME=$state/run" "TERM=${TERM:-dumb}" "LANG=${LANG:-C.UTF-8}")
  if [ "$(id -u)" = 0 ]; then
    own=(runuser -u "$(stat -c %U "$state/etc")")
    if [ -t 0 ]; then own+=(--pty); else own=(setsid --wait "${own[@]}"); fi
    own+=(--)
  fi
  "${own[@]}" "${words[@]}" "$@"
}

# A value of the stack's job file; `job` is the file, `name` the second argument.
value() {
  as_service cat etc/job.json </dev/null | node -p 'const [, expression, name] = process.argv, job = JSON.parse(fs.readFileSync(0, "utf8"));
    const found = new Function("job", "name", `return ${expression}`)(job, name);
    if (found === undefined) throw Error(`the stack has no ${name ?? expression}`); found' "$@"
}

# SERVER as runbooks name it: node1, node2, …, or primary or replica, which Patroni tells; a replica is the first one that streams.
server() {
  case $1 in
    primary | replica) patronictl list -f json </dev/null | node -p 'const members = JSON.parse(fs.readFileSync(0, "utf8"));
      const leads = ({ Role }) => /leader/i.test(Role);
      members.find((one) => leads(one) === (process.argv[1] === "primary") && /running|streaming/.test(one.State)).Member' "$1" ;;
    *) echo "$1" ;;
  esac
}
port() { value 'job.servers.find((one) => one.name === name)?.port' "$(server "$1")"; }

# psql on SERVER [DATABASE] as howdah_monitoring: sees all statistics, changes nothing. Further words are psql's options.
sql() {
  local port database=postgres
  port=$(port "$1") || return
  shift
  case ${1:--} in -*) ;; *) database=$1 && shift ;; esac
  # shellcheck disable=SC2016
  as_service sh -c 'PGPASSWORD=$(cat etc/collector.password); export PGPASSWORD; exec psql "$@"' sh -X "host=127.0.0.1 port=$port user=howdah_monitoring dbname=$database sslmode=verify-full sslrootcert=tls/ca.crt" "$@"
}

# psql on SERVER [DATABASE] as the superuser, over the Unix socket. Its search path has nothing of the users' in it.
superuser() {
  local port database=postgres
  port=$(port "$1") || return
  shift
  case ${1:--} in -*) ;; *) database=$1 && shift ;; esac
  as_service psql -X "host=$state/run port=$port user=postgres dbname=$database options='-c search_path=pg_catalog'" "$@"
}

# psql on PgBouncer's console.
pooler() { as_service psql -X "host=$state/run port=$(value job.poolerPort) user=pgbouncer dbname=pgbouncer" "$@"; }

howdah() { "$checkout/bin/howdah" "$@"; }
patronictl() { as_service "$(value job.patronictl)" -c etc/patroni-node1.yml "$@"; }
supervisorctl() { as_service "$(dirname "$(value job.patronictl)")/supervisorctl" -c supervisor/supervisord.conf "$@"; }
pgbackrest() { as_service pgbackrest "--config=$state/etc/pgbackrest.conf" --stanza=main "$@"; }

# MEMBER PATH: etcd's HTTP interface; with further words, curl's.
etcd() {
  local member=$1 path=$2
  shift 2
  as_service curl -sS --fail --max-time 10 --cacert tls/ca.crt --cert "tls/$member.crt" --key "tls/$member.key" "$@" \
    "https://127.0.0.1:$(value 'job.etcd.find((one) => one.name === name)?.clientPort' "$member")$path" </dev/null && echo
}

# A command of HAProxy's, such as "show stat".
haproxy() { as_service perl -MIO::Socket::UNIX -e 'my $s = IO::Socket::UNIX->new("run/haproxy.sock") or die "no answer: $!\n"; print $s "$ARGV[0]\n"; print while <$s>' "$1"; }

# The value of a PromQL expression now, as JSON: a line for each series.
query() {
  # shellcheck disable=SC2016
  as_service sh -c 'printf "user = \"prometheus:%s\"\n" "$(cat etc/monitoring.password)" |
    curl -sS --fail --max-time 10 -K - --cacert tls/ca.crt --data-urlencode "query=$1" "https://127.0.0.1:$2/api/v1/query"' \
    sh "$1" "$(value job.monitoring.prometheusPort)" </dev/null |
    node -p 'JSON.parse(fs.readFileSync(0, "utf8")).data.result.map(({ metric, value }) => `${value[1]} ${JSON.stringify(metric)}`).join("\n")'
}

# Alertmanager's own command, such as `amtool alert query`.
amtool() {
  # shellcheck disable=SC2016
  as_service sh -c 'printf "tls_config: { ca_file: %s/tls/ca.crt }\nbasic_auth: { username: prometheus, password_file: %s/etc/monitoring.password }\n" "$PWD" "$PWD" |
    amtool --http.config.file=/dev/stdin --alertmanager.url="https://127.0.0.1:$0" "$@"' "$(value job.monitoring.alertmanagerPort)" "$@"
}

# The last lines of a log, 50 or as many as the second argument says: of a service, or of a server's PostgreSQL (node1).
logs() {
  # shellcheck disable=SC2016
  as_service sh -c 'file=log/$1.log; [ -e "$file" ] || file=$(ls -t log/postgresql-"$1"-*.log | head -n 1); tail -n "$2" "$file"' sh "$1" "${2:-50}"
}
