import { addressOf, largestPool, type Target } from "./target";
import { block, literal } from "./words";

/** URL of JDBC, without login and password. */
function jdbcUrl(target: Target): string {
  const { host, port, database, ca } = addressOf(target);
  const { settings } = target;
  const url = new URL(`postgresql://${host}:${port}/${encodeURIComponent(database)}`);
  const parameters = {
    sslmode: "verify-full",
    sslrootcert: ca,
    ApplicationName: settings.applicationName,
    connectTimeout: settings.connectTimeout,
    loginTimeout: settings.connectTimeout,
    socketTimeout: settings.statementTimeout,
    tcpKeepAlive: true,
    ...(settings.preparedStatements ? {} : { prepareThreshold: 0 }),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, String(value));
  return `jdbc:${url.toString()}`;
}

/** pgjdbc in HikariCP. */
export const jdbcLines = (target: Target): string =>
  block(
    "HikariConfig config = new HikariConfig();",
    `config.setJdbcUrl(${literal(jdbcUrl(target))});`,
    'config.setUsername(System.getenv("PGUSER"));',
    'config.setPassword(System.getenv("PGPASSWORD"));',
    `config.setMaximumPoolSize(${largestPool(target)});`,
    "config.setMinimumIdle(0);",
    `config.setMaxLifetime(${target.settings.recycle * 1000}L);`,
    `config.setConnectionTimeout(${target.settings.poolTimeout * 1000}L);`,
    "HikariDataSource pool = new HikariDataSource(config);",
  );

/** sqlx, which reads `sslmode` and `sslrootcert` from the URL. */
export const sqlxLines = (target: Target): string =>
  block(
    'let options: PgConnectOptions = std::env::var("DATABASE_URL")?.parse()?;',
    "let pool = PgPoolOptions::new()",
    `    .max_connections(${largestPool(target)})`,
    `    .max_lifetime(Duration::from_secs(${target.settings.recycle}))`,
    `    .acquire_timeout(Duration::from_secs(${target.settings.poolTimeout}))`,
    `    .test_before_acquire(${target.settings.prePing})`,
    `    .connect_lazy_with(options.application_name(${literal(target.settings.applicationName)}));`,
    target.settings.preparedStatements
      ? undefined
      : "// The pooler keeps no prepared statements: each query needs `.persistent(false)`, and a transaction around it.",
  );

/** pgx. */
export const pgxLines = (target: Target): string =>
  block(
    'config, err := pgxpool.ParseConfig(os.Getenv("DATABASE_URL"))',
    "if err != nil {",
    "\treturn err",
    "}",
    `config.MaxConns = ${largestPool(target)}`,
    `config.MaxConnLifetime = ${target.settings.recycle} * time.Second`,
    `config.ConnConfig.ConnectTimeout = ${target.settings.connectTimeout} * time.Second`,
    `config.ConnConfig.RuntimeParams["application_name"] = ${literal(target.settings.applicationName)}`,
    target.settings.preparedStatements ? undefined : "config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec",
    "pool, err := pgxpool.NewWithConfig(ctx, config)",
  );
