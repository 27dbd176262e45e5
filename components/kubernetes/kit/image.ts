/** What the repository's Dockerfile puts into the image; the two agree. */
export const image = {
  /** User and group that everything runs as. */
  user: 10_001,
  pgbouncer: "/usr/sbin/pgbouncer",
  howdah: "/usr/local/bin/howdah",
} as const;

/** Folder of `postgres`, `pg_dump`, `pg_isready` and the like, by their major version (the Dockerfile's argument POSTGRES). */
export const postgresBin = (version: number): string => `/usr/lib/postgresql/${version}/bin`;

/** Paths of mounted files in pods; only `run` and `work` are writable. */
export const paths = {
  configuration: "/etc/howdah",
  job: "/etc/howdah/job.json",
  route: "/etc/howdah/route.json",
  ini: "/etc/howdah/pgbouncer.ini",
  hba: "/etc/howdah/hba.conf",
  userlist: "/etc/howdah/userlist.txt",
  authorities: "/etc/howdah/server-authorities.pem",
  poolerPassword: "/etc/howdah/pooler-password",
  jobPassword: "/etc/howdah/job-password",
  dumpsKey: "/etc/howdah/dumps.key",
  notifyUrl: "/etc/howdah/notify-url",
  certificate: "/etc/pooler-certificate/tls.crt",
  certificateKey: "/etc/pooler-certificate/tls.key",
  certificateFolder: "/etc/pooler-certificate",
  /** PgBouncer's Unix socket, and the routes. */
  run: "/run/pgbouncer",
  routes: "/run/pgbouncer/routes.ini",
  /** Settings of the collector next to a PgBouncer, and the password of its login. */
  collector: "/etc/howdah/metrics.json",
  monitoringPassword: "/etc/howdah/monitoring-password",
  /** Of the collector that probes the poolers: the password of its login, and the authority of their certificate. */
  probePassword: "/etc/howdah/probe-password",
  poolerAuthority: "/etc/howdah/pooler-authority.pem",
  /** What a collector shows to scrapers, and the authority of theirs. */
  metricsFolder: "/etc/metrics-certificate",
  metricsCertificate: "/etc/metrics-certificate/tls.crt",
  metricsKey: "/etc/metrics-certificate/tls.key",
  metricsAuthority: "/etc/metrics-certificate/ca.crt",
  work: "/work",
} as const;

/** Ports inside the pods. */
export const ports = { pooler: 6432, metrics: 9188 } as const;
