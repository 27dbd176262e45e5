import { largestPool, type Target } from "./target";
import { block, literal } from "./words";

const truth = (value: boolean): string => (value ? "True" : "False");

/** SQLAlchemy's asyncio engine on asyncpg. */
export const sqlalchemyLines = ({ settings }: Target): string =>
  block(
    "import os",
    "import ssl",
    "",
    "from sqlalchemy import URL",
    "from sqlalchemy.ext.asyncio import create_async_engine",
    "",
    "engine = create_async_engine(",
    "    URL.create(",
    '        "postgresql+asyncpg",',
    '        username=os.environ["PGUSER"],',
    '        password=os.environ["PGPASSWORD"],',
    '        host=os.environ["PGHOST"],',
    '        port=int(os.environ["PGPORT"]),',
    '        database=os.environ["PGDATABASE"],',
    "    ),",
    `    pool_size=${settings.poolSize},`,
    `    max_overflow=${settings.maxOverflow},`,
    `    pool_recycle=${settings.recycle},`,
    `    pool_pre_ping=${truth(settings.prePing)},`,
    `    pool_timeout=${settings.poolTimeout},`,
    "    connect_args={",
    "        # The default context verifies chain and host name.",
    '        "ssl": ssl.create_default_context(cafile=os.environ["PGSSLROOTCERT"]),',
    `        "timeout": ${settings.connectTimeout},`,
    `        "command_timeout": ${settings.statementTimeout},`,
    `        "server_settings": {"application_name": ${literal(settings.applicationName)}},`,
    ...(settings.preparedStatements
      ? []
      : ['        "statement_cache_size": 0,', '        "prepared_statement_cache_size": 0,']),
    "    },",
    ")",
  );

/** An entry of Django's settings. */
export const djangoLines = (target: Target): string =>
  block(
    "import os",
    "",
    "DATABASES = {",
    '    "default": {',
    '        "ENGINE": "django.db.backends.postgresql",',
    '        "HOST": os.environ["PGHOST"],',
    '        "PORT": os.environ["PGPORT"],',
    '        "NAME": os.environ["PGDATABASE"],',
    '        "USER": os.environ["PGUSER"],',
    '        "PASSWORD": os.environ["PGPASSWORD"],',
    `        "CONN_HEALTH_CHECKS": ${truth(target.settings.prePing)},`,
    "        # In transaction pooling, such a cursor does not outlive its transaction.",
    '        "DISABLE_SERVER_SIDE_CURSORS": True,',
    '        "OPTIONS": {',
    '            "sslmode": "verify-full",',
    '            "sslrootcert": os.environ["PGSSLROOTCERT"],',
    `            "application_name": ${literal(target.settings.applicationName)},`,
    `            "connect_timeout": ${target.settings.connectTimeout},`,
    ...(target.settings.preparedStatements
      ? ['            "server_side_binding": True,', '            "prepare_threshold": 5,']
      : []),
    '            "pool": {',
    '                "min_size": 0,',
    `                "max_size": ${largestPool(target)},`,
    `                "max_lifetime": ${target.settings.recycle},`,
    `                "timeout": ${target.settings.poolTimeout},`,
    "            },",
    "        },",
    "    },",
    "}",
  );
