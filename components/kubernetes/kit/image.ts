/** What the repository's Dockerfile puts into the image; the two agree. */
export const image = {
  /** User and group that everything runs as. */
  user: 10_001,
  pgbouncer: "/usr/sbin/pgbouncer",
  howdah: "/usr/local/bin/howdah",
} as const;

/** Folder of `postgres`, `pg_dump`, `pg_isready` and the like, by their major version (the Dockerfile's argument POSTGRES). */
export const postgresBin = (version: number): string => `/usr/lib/postgresql/${version}/bin`;

/** Paths of mounted files in pods; only `run`, `exporterLogin` and `work` are writable. */
export const paths = {
  configuration: "/etc/howdah",
  job: "/etc/howdah/job.json",
  route: "/etc/howdah/route.json",
  ini: "/etc/howdah/pgbouncer.ini",
  hba: "/etc/howdah/hba.conf",
  userlist: "/etc/howdah/userlist.txt",
  authorities: "/etc/howdah/server-authorities.pem",
  poolerPassword: "/etc/howdah/pooler-password",
  monitoringPassword: "/etc/howdah/monitoring-password",
  jobPassword: "/etc/howdah/job-password",
  dumpsKey: "/etc/howdah/dumps.key",
  notifyUrl: "/etc/howdah/notify-url",
  certificate: "/etc/pooler-certificate/tls.crt",
  certificateKey: "/etc/pooler-certificate/tls.key",
  certificateFolder: "/etc/pooler-certificate",
  /** PgBouncer's Unix socket, and the routes. */
  run: "/run/pgbouncer",
  routes: "/run/pgbouncer/routes.ini",
  /** The monitoring login as a pgpass file: as the Secret gives it, and as its exporter reads it. */
  mountedLogin: "/etc/monitoring-login/pgpass",
  exporterLogin: "/run/monitoring-login/pgpass",
  work: "/work",
} as const;

/** Ports inside the pods. */
export const ports = { pooler: 6432, poolerMetrics: 9127, postgresMetrics: 9187, backupMetrics: 9188 } as const;
