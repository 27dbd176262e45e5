import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { isSupported, postgresVersions } from "../../contracts/postgres-versions";
import { Failure } from "../../lib/errors";
import { askToInstall, type DebianPackage, installPackages } from "./apt";
import { addPgdg, pgdgAdvice } from "./pgdg";
import { isExecutable } from "../../lib/paths";
import { capture } from "../../lib/process/attended";
import type { Reporter } from "../../lib/reporter";
import type { ExtensionPackage } from "../../stacks/config/extension-packages";
import { valueInFile } from "../../stacks/config/keys";

/** Servers of this machine. */
export interface WantedServers {
  /** Major version of PostgreSQL. */
  readonly postgres: number;
  /** Extensions that need a package of their own. Default: none. */
  readonly extensions?: readonly ExtensionPackage[];
  /** Whether the stack has Prometheus and Alertmanager. Default: false. */
  readonly monitoring?: boolean;
  /** Whether tests run here, which compare our collector with another exporter. Default: false. */
  readonly tests?: boolean;
}

const prometheusPackage = (name: string): DebianPackage => ({ name, program: `/usr/bin/${name}`, service: name });

/** Prometheus, Alertmanager and the exporter of the machine's own metrics. */
const monitoringPackages: readonly DebianPackage[] = [
  "prometheus",
  "prometheus-alertmanager",
  "prometheus-node-exporter",
].map(prometheusPackage);

/** For tests alone. */
export const otherExporter = prometheusPackage("prometheus-postgres-exporter");

/** What the local platform needs, for a major version of PostgreSQL. */
export function neededPackages(servers: WantedServers): DebianPackage[] {
  const { postgres, extensions = [], monitoring = false, tests = false } = servers;
  return [
    { name: `postgresql-${postgres}`, program: `/usr/lib/postgresql/${postgres}/bin/postgres` },
    { name: "etcd-server", program: "/usr/bin/etcd", service: "etcd" },
    { name: "haproxy", program: "/usr/sbin/haproxy", service: "haproxy" },
    { name: "pgbackrest", program: "/usr/bin/pgbackrest" },
    { name: "python3-venv", program: "ensurepip" },
    ...(monitoring ? monitoringPackages : []),
    ...(tests ? [otherExporter] : []),
    ...extensions.map(({ name, extension }) => ({
      name,
      program: `/usr/share/postgresql/${postgres}/extension/${extension}.control`,
    })),
  ];
}

/** True when the system's own python can make a virtual environment with pip in it. */
function hasVenv(): boolean {
  // Looking for the folder costs nothing; starting python would cost a tenth of a second at every command.
  const versions = readdirSync("/usr/lib").filter((name) => /^python3\.\d+$/.test(name));
  return isExecutable("/usr/bin/python3") && versions.some((name) => existsSync(join("/usr/lib", name, "ensurepip")));
}

function isInstalled(program: string): boolean {
  if (program === "ensurepip") return hasVenv();
  return program.endsWith(".control") ? existsSync(program) : isExecutable(program);
}

/** The packages whose program is not on this machine. */
export function missingPackages(
  servers: WantedServers,
  isThere: (program: string) => boolean = isInstalled,
): DebianPackage[] {
  return neededPackages(servers).filter(({ program }) => !isThere(program));
}

/** What a user without root has to do about missing packages. */
export function missingMessage(missing: readonly DebianPackage[]): string {
  return (
    `${missing.length} Debian ${missing.length === 1 ? "package is" : "packages are"} missing: ` +
    `${missing.map(({ name, program }) => `${name} (${program})`).join(", ")}.\n` +
    askToInstall(missing)
  );
}

/** Refuses a major version that the program does not support. */
export function checkPostgresVersion(postgres: number): void {
  if (isSupported(postgres)) return;
  const { oldest, newest } = postgresVersions;
  throw new Failure(`PostgreSQL ${postgres} is not supported: use a major version from ${oldest} to ${newest}.`);
}

/**
 * Major version in the text of a stack's config; undefined if it names none that the program supports: what is wrong with
 * it is for the check of the config to say, together with all other problems.
 */
export function wantedPostgres(config: string | undefined): number | undefined {
  const found = valueInFile(config, "postgres", "version");
  return typeof found === "number" && isSupported(found) ? found : undefined;
}

/** Whether the text of a local stack's config leaves monitoring on; what is wrong with it is for the check of the config to say. */
export const wantsMonitoring = (config: string | undefined): boolean =>
  valueInFile(config, "monitoring", "enabled") !== false;

/** True if apt failed because the machine's package sources do not have that major version. */
const lacksVersion = (error: unknown, postgres: number): error is Failure =>
  error instanceof Failure && error.message.includes(`Unable to locate package postgresql-${postgres}`);

/** Says what to do then, or if they do not have an extension's package. */
function withVersionHint(error: unknown, { postgres, extensions = [] }: WantedServers): unknown {
  if (!(error instanceof Failure)) return error;
  const absent = extensions.find(({ name }) => error.message.includes(`Unable to locate package ${name}`));
  if (absent !== undefined)
    return new Failure(
      `${error.message}\nThis machine's package sources do not have ${absent.name}: remove extension ${absent.extension} from ` +
        "howdah:databases, or add the PostgreSQL project's repository.",
    );
  if (!lacksVersion(error, postgres)) return error;
  return new Failure(
    `${error.message}\nThis machine's package sources do not have PostgreSQL ${postgres}: set howdah:postgres.version to a version ` +
      `that they have, or add the PostgreSQL project's repository.\n${pgdgAdvice()}`,
  );
}

/** Installs them; if only the PostgreSQL project has that major version and `HOWDAH_PGDG` is 1, from its repository. */
async function installFor(postgres: number, missing: readonly DebianPackage[], reporter: Reporter): Promise<void> {
  try {
    await installPackages(missing, reporter);
  } catch (error) {
    if (process.env["HOWDAH_PGDG"] !== "1" || !lacksVersion(error, postgres)) throw error;
    await addPgdg(reporter);
    await installPackages(missing, reporter);
  }
}

/** Installs what is missing when we may; otherwise throws a `Failure` that names each package and the command. */
export async function ensurePackages(servers: WantedServers, reporter: Reporter): Promise<void> {
  const missing = missingPackages(servers);
  if (process.getuid?.() !== 0) throw new Failure(missingMessage(missing));
  await installFor(servers.postgres, missing, reporter).catch((error: unknown) => {
    throw withVersionHint(error, servers);
  });
  const still = missingPackages(servers);
  if (still.length > 0)
    throw new Failure(`installed, but not found: ${still.map(({ program }) => program).join(", ")}`);
}

/** Version text of an installed server, for example "15.18". */
export function installedPostgres(postgres: number): string {
  const answer = capture({ program: `/usr/lib/postgresql/${postgres}/bin/postgres`, args: ["--version"] });
  return /\d+\.\d+/.exec(answer.stdout)?.[0] ?? String(postgres);
}
