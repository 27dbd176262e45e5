#!/usr/bin/env bash
# A stack's life as the README tells it: up, clients, a killed primary, a restore drill, down. All of it is a newcomer's: the default
# config, the default ports, the distribution's packages. Runs in a fresh system (distros.sh), as root.
set -euo pipefail

if [[ ${1:-} != offline ]]; then
  make --no-print-directory setup
  node --import tsx test/support/drivers/fresh.ts install
  # Packages of extensions, as for any config that names them.
  printf 'config: {"howdah:platform": local, "howdah:databases": {app: {extensions: [pg_cron, pg_partman, vector]}}}\n' > /tmp/extensions.yaml
  HOWDAH_CONFIG_FILE=/tmp/extensions.yaml npm run --silent pulumi -- version
  # With a network of its own it meets no other stack of the machine; and a stack needs none once it is set up.
  exec unshare --net "$0" offline
fi
# The loopback interface of a new network is down, and Debian's smallest system has no `ip`. 0x8914: SIOCSIFFLAGS; 0x41: up, running.
perl -e 'my $up = pack("a16 s x22", "lo", 0x41); socket(my $s, 2, 2, 0); ioctl($s, 0x8914, $up) or die "loopback: $!\n"'

state=/var/lib/howdah
export PGSERVICEFILE=$state/.stacks/local.pg_service.conf PGCONNECT_TIMEOUT=10

say() { echo "-- $*"; }
fail() {
  echo "smoke: $*" >&2
  exit 1
}

sql() { psql "service=$1" -XAtqc "$2"; }

# Repeats a command for up to a minute: a failover takes seconds.
until_good() {
  local end=$((SECONDS + 60))
  until "$@" > /tmp/smoke.last 2>&1; do
    ((SECONDS < end)) || { cat /tmp/smoke.last >&2; fail "not within a minute: $*"; }
    sleep 0.5
  done
}

primary() { sql app 'SELECT inet_server_port()'; }
moved() {
  local now
  now=$(primary) && [[ $now != "$1" ]]
}
# As the login itself, which pg_cron runs the job as.
as_login() { sql app_migrator "BEGIN; SET LOCAL ROLE NONE; $1; COMMIT"; }
job_ran() { [[ $(as_login "SELECT count(*) > 0 FROM cron.job_run_details WHERE status = 'succeeded'") == t ]]; }
reads() { [[ $(sql reports-read-only 'SELECT count(*) FROM visits') == "$1" ]]; }
drivers() { node --import tsx test/support/drivers/fresh.ts "$1"; }

make --no-print-directory up

say "the servers are of the distribution's version"
# shellcheck disable=SC2016 # dpkg-query replaces it itself
packaged=$(dpkg-query --show --showformat '${Package}\n' 'postgresql-*' | sed -n 's/^postgresql-\([0-9]*\)$/\1/p')
found=$(sql app "SELECT current_setting('server_version_num')::int / 10000")
[[ $found == "$packaged" ]] || fail "the servers are PostgreSQL $found, the packages $packaged"

if ((found >= 17)); then
  say "databases have PostgreSQL's own C.UTF-8"
  provider=$(sql app "SELECT concat_ws(' ', datlocprovider, datlocale) FROM pg_database WHERE datname = 'app'")
  [[ $provider == "b C.UTF-8" ]] || fail "the database's locale is \"$provider\""
fi

say "psql: the owner's table, a writer, a reader on the read-only route"
sql app_migrator 'CREATE TABLE visits (at timestamptz DEFAULT now())'
sql app 'INSERT INTO visits DEFAULT VALUES'
until_good reads 1

say "node-postgres and asyncpg, with prepared statements"
drivers before

say "kill -9 of the primary's postmaster"
port=$(primary)
kill -9 "$(head -n 1 "$state/local/nodes/node$((port - 6440))/data/postmaster.pid")"
until_good moved "$port"
sql app 'INSERT INTO visits DEFAULT VALUES'
until_good reads 2
drivers after
until_good make --no-print-directory status

say "an incremental backup of a big table, and its restore"
sql app_migrator 'CREATE TABLE big AS SELECT n, repeat(md5(n::text), 8) AS filler FROM generate_series(1, 200000) n'
npx howdah backup full
sql app_migrator 'UPDATE big SET filler = $$changed$$ WHERE n = 1'
npx howdah backup incr
npx howdah drill --quick

if ((found >= 17)); then
  say "transaction_timeout of a login"
  npm run --silent pulumi -- config set --path 'howdah:databases.app.applications.app.transactionTimeout' '1 hour'
  make --no-print-directory up
  [[ $(sql app 'SHOW transaction_timeout') == 1h ]] || fail "the login has no transaction_timeout"
fi

say "extensions: neighbours of a vector, partitions, and their maintenance as a job"
names=(pg_cron pg_partman vector)
for index in "${!names[@]}"; do
  npm run --silent pulumi -- config set --path "howdah:databases.app.extensions[$index]" "${names[index]}"
done
make --no-print-directory up
sql app_migrator "CREATE TABLE items (id int, at vector(3)); CREATE INDEX items_near ON items USING hnsw (at vector_l2_ops)"
sql app_migrator "INSERT INTO items SELECT n, ARRAY[n, n, n]::vector FROM generate_series(1, 2000) n; ANALYZE items"
near="SELECT id FROM items ORDER BY at <-> '[41.2, 41, 41]' LIMIT 1"
[[ $(sql reports "$near") == 41 ]] || fail "another neighbour is nearer: $(sql reports "$near")"
[[ $(sql reports "EXPLAIN $near") == *items_near* ]] || fail "the index is not used: $(sql reports "EXPLAIN $near")"
sql app_migrator "CREATE TABLE hits (at timestamptz NOT NULL) PARTITION BY RANGE (at); CREATE TABLE hits_template (LIKE hits)"
sql app_migrator "SELECT create_parent('app.hits', 'at', '1 day', p_premake => 2, p_template_table => 'app.hits_template')"
sql app_migrator "UPDATE part_config SET premake = 7"
sql app 'INSERT INTO hits VALUES (now())'
hits="SELECT count(*) FROM pg_inherits WHERE inhparent = 'app.hits'::regclass"
before=$(sql app_migrator "$hits")
as_login "SELECT cron.schedule('maintenance', '1 second', 'CALL extensions.run_maintenance_proc()')"
until_good job_ran
(($(sql app_migrator "$hits") > before)) || fail "the job has made no partition"
npx howdah drill --quick

say "a second up changes nothing"
make --no-print-directory up | tee /tmp/smoke.up
grep -q '^nothing changed' /tmp/smoke.up || fail "a second up found something to change"

make --no-print-directory down YES=1
[[ ! -e $state/local ]] || fail "make down has left $state/local"
