import { homedir, hostname, userInfo } from "node:os";
import { join } from "node:path";
import { locations } from "../../../lib/paths";
import { Failure } from "../../../lib/errors";
import { capture } from "../../../lib/process/attended";

/** What the adapter has to know of the machine that it runs on. */
export interface Machine {
  /** Its name. */
  readonly host: string;
  /** Folder of the stacks. */
  readonly stateRoot: string;
  /** User that the servers run as: `postgres` if we are root, which PostgreSQL refuses. */
  readonly serviceUser: string;
  /** Absolute paths of the programs. */
  readonly patroni: string;
  readonly patronictl: string;
  readonly supervisord: string;
  readonly supercronic: string;
  readonly postgresBin: string;
  /** Major version of PostgreSQL. */
  readonly postgresVersion: number;
  readonly pgbouncer: string;
  /** First line of `pgbouncer --version`. */
  readonly pgbouncerVersion: string;
  /** First line of `prometheus-alertmanager --version`; empty if it is not installed. */
  readonly alertmanagerVersion: string;
  /** What `pgbackrest version` prints. */
  readonly pgbackrestVersion: string;
  /** The `howdah` command: Node and its script, both where the service user can read them. */
  readonly howdah: readonly [node: string, script: string];
}

/** Programs of Debian's packages. */
export const alertmanager = "/usr/bin/prometheus-alertmanager";

function programFrom(variable: string, environment: NodeJS.ProcessEnv): string {
  const path = environment[variable];
  if (path !== undefined && path !== "") return path;
  throw new Failure(
    `${variable} is not set: run through \`make up\` or \`npm run pulumi -- …\`, which install what the servers need`,
  );
}

const firstLine = (program: string, argument: string): string =>
  capture({ program, args: [argument] }).stdout.split("\n")[0] ?? "";

/**
 * The machine as the setup left it.
 * @throws Failure if the setup did not run
 */
export function thisMachine(postgresVersion: number, environment: NodeJS.ProcessEnv = process.env): Machine {
  const { uid, username } = userInfo();
  const python = programFrom("HOWDAH_PYTHON", environment);
  const pgbouncer = programFrom("HOWDAH_PGBOUNCER", environment);
  const home = environment["HOME"] ?? homedir();
  return {
    host: hostname(),
    stateRoot: locations(environment, { uid, home }).root,
    serviceUser: uid === 0 ? "postgres" : username,
    patroni: join(python, "howdah-patroni"),
    patronictl: join(python, "patronictl"),
    supervisord: join(python, "howdah-supervisord"),
    supercronic: programFrom("HOWDAH_SUPERCRONIC", environment),
    howdah: [programFrom("HOWDAH_NODE", environment), programFrom("HOWDAH_OPS", environment)],
    pgbouncer,
    pgbouncerVersion: firstLine(pgbouncer, "--version"),
    // Asked only for a stack that has one.
    get alertmanagerVersion() {
      return firstLine(alertmanager, "--version");
    },
    pgbackrestVersion: firstLine("/usr/bin/pgbackrest", "version"),
    postgresVersion,
    postgresBin: `/usr/lib/postgresql/${postgresVersion}/bin`,
  };
}
