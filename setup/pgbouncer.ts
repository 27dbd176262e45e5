import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { cpus } from "node:os";
import { basename, dirname, join } from "node:path";
import { builtPooler, oldestPooler } from "../contracts/pgbouncer-version";
import { isSince } from "../lib/release";
import { Failure, runScript } from "../lib/errors";
import { makeFolder, namesIn } from "../lib/files";
import { sha256 } from "../lib/text/hash";
import { isExecutable, locations, type Locations, onPath } from "../lib/paths";
import { capture, follow } from "../lib/process/attended";
import { createReporter, type Reporter } from "../lib/reporter";
import { askToInstall, type DebianPackage, installPackages, updateLists } from "./packages/apt";

/** Where a distribution's package puts it. */
const system = "/usr/sbin/pgbouncer";

/** First line of `pgbouncer --version`; empty if the program cannot be run. */
export const versionOf = (program: string): string =>
  capture({ program, args: ["--version"] }).stdout.split("\n")[0] ?? "";

const isNewEnough = (program: string): boolean => isExecutable(program) && isSince(versionOf(program), oldestPooler);

const builtPath = (at: Locations): string => join(at.programs, `pgbouncer-${builtPooler.revision}`, "pgbouncer");

/** The PgBouncer of this machine's stacks: the distribution's if that is new enough, else the one that the setup builds. */
export const poolerPath = (at: Locations): string => (isNewEnough(system) ? system : builtPath(at));

/** True if it needs no building: the one that was built has been tried. */
export const hasPooler = (at: Locations): boolean => isExecutable(poolerPath(at));

const distributionPackage: DebianPackage = { name: "pgbouncer", program: system, service: "pgbouncer" };

/** What the build needs, each known by a file of it. */
const buildPackages: readonly DebianPackage[] = [
  { name: "dpkg-dev", program: "/usr/bin/dpkg-source" },
  { name: "gcc", program: "/usr/bin/gcc" },
  { name: "libc-ares-dev", program: "/usr/include/ares.h" },
  { name: "libc6-dev", program: "/usr/include/stdio.h" },
  { name: "libevent-dev", program: "/usr/include/event2/event.h" },
  { name: "libssl-dev", program: "/usr/include/openssl/ssl.h" },
  { name: "make", program: "/usr/bin/make" },
  { name: "pkg-config", program: "/usr/bin/pkg-config" },
];

/** Version of the package that apt would install, such as `1.18.0-1+deb12u1`; undefined if it knows none. */
export const candidateOf = (policy: string): string | undefined => /^ {2}Candidate: (\d\S*)$/m.exec(policy)?.[1];

const offersPooler = (): boolean => {
  const candidate = candidateOf(capture({ program: "apt-cache", args: ["policy", "pgbouncer"] }).stdout);
  return candidate !== undefined && isSince(`PgBouncer ${candidate}`, oldestPooler);
};

const howTo =
  `Install a PgBouncer from ${oldestPooler.join(".")} on as ${system}, for example from the repository of the PostgreSQL project, ` +
  "and try again.";

/** A row of `apt-get indextargets`: where the machine gets a suite from. */
export interface AptSource {
  readonly uri: string;
  readonly suite: string;
}

const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/**
 * Source lines for the suite of the source package, from the mirrors that the machine uses for its own release.
 * @returns none if they do not look like mirrors of Debian
 */
export function sourceLines(sources: readonly AptSource[], suite: string): string[] {
  const mirrorOf = (pattern: RegExp): string | undefined => sources.find((source) => pattern.test(source.suite))?.uri;
  const own = mirrorOf(/^[a-z]+$/);
  const security = mirrorOf(/^[a-z]+-security$/);
  const lineOf = (uri: string, name: string): string => `deb-src [signed-by=${keyring}] ${uri} ${name} main`;
  return [
    ...(own === undefined ? [] : [lineOf(own, suite)]),
    ...(own === undefined || security === undefined ? [] : [lineOf(security, `${suite}-security`)]),
  ];
}

function machineSources(): AptSource[] {
  const targets = ["indextargets", "--format", "$(REPO_URI) $(CODENAME)", "Created-By: Packages"];
  return ["Label: Debian", "Label: Debian-Security"]
    .flatMap((label) => capture({ program: "apt-get", args: [...targets, label] }).stdout.split("\n"))
    .filter((line) => line !== "")
    .map((line) => line.split(" "))
    .map(([uri = "", suite = ""]) => ({ uri, suite }));
}

interface Build {
  readonly folder: string;
  readonly reporter: Reporter;
}

interface BuildStep {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

async function run({ folder, reporter }: Build, { program, args, env = {} }: BuildStep): Promise<void> {
  const command = { program, args: [...args], cwd: folder, env: { ...process.env, LC_ALL: "C", ...env } };
  const ended = await follow(command, (line) => {
    reporter.progress(`pgbouncer: ${line}`);
  });
  if (ended.code === 0) return;
  const what = `${basename(program)} ${args.at(-1) ?? ""}`;
  throw new Failure(`PgBouncer could not be built: ${what} failed:\n${ended.stderr}\n${howTo}`);
}

/** apt's own folders are root's, and its lists are of the machine's release. */
function aptOptions(folder: string): string[] {
  for (const name of ["lists/partial", "archives/partial"]) mkdirSync(join(folder, name), { recursive: true });
  const settings = {
    "Dir::Etc::sourcelist": join(folder, "sources.list"),
    "Dir::Etc::sourceparts": "/dev/null",
    "Dir::State::lists": join(folder, "lists"),
    "Dir::Cache": folder,
    // The folder is ours alone; apt's own user could not enter it.
    "APT::Sandbox::User": "",
  };
  return Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
}

/** Fetches the source package, which apt authenticates by the archive's signature, and applies its patches. */
async function fetchSource(build: Build): Promise<string> {
  const { folder } = build;
  const lines = sourceLines(machineSources(), builtPooler.suite);
  if (lines.length === 0) throw new Failure(`no mirror of Debian is among this machine's package sources.\n${howTo}`);
  writeFileSync(join(folder, "sources.list"), `${lines.join("\n")}\n`);
  const options = aptOptions(folder);
  await run(build, { program: "apt-get", args: [...options, "update"] });
  await run(build, { program: "apt-get", args: [...options, "source", "pgbouncer"] });
  const release = join(folder, `pgbouncer_${builtPooler.version}.orig.tar.gz`);
  const description = namesIn(folder).find((name) => name.endsWith(".dsc")) ?? "";
  const revision = /^pgbouncer_(.*)\.dsc$/.exec(description)?.[1] ?? "none";
  const atLeast = ["--compare-versions", revision, "ge", builtPooler.revision];
  if (!existsSync(release) || capture({ program: "dpkg", args: atLeast }).code !== 0)
    throw new Failure(
      `the mirror has PgBouncer's source ${revision}; needed is ${builtPooler.revision} or a later one.\n${howTo}`,
    );
  if (sha256(readFileSync(release)) !== builtPooler.sha256)
    throw new Failure(`${basename(release)} is not the release that howdah knows: its SHA-256 differs.\n${howTo}`);
  return join(folder, `pgbouncer-${builtPooler.version}`);
}

/** Compiler flags of Debian's own packages, hardening included. */
const buildFlags = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    capture({
      program: "dpkg-buildflags",
      args: [],
      env: { ...process.env, DEB_BUILD_MAINT_OPTIONS: "hardening=+all" },
    })
      .stdout.split("\n")
      .map((line) => /^(\w+)=(.*)$/.exec(line))
      .flatMap((found) => (found === null ? [] : [[found[1] ?? "", found[2] ?? ""]])),
  );

/** What a user without root has to do about missing packages. */
const missingMessage = (missing: readonly DebianPackage[]): string =>
  `PgBouncer ${oldestPooler.join(".")} or newer is missing, and so is what it takes: ${missing.map(({ name }) => name).join(", ")}.\n` +
  askToInstall(missing);

async function install(packages: readonly DebianPackage[], reporter: Reporter): Promise<void> {
  if (packages.length === 0) return;
  if (process.getuid?.() !== 0) throw new Failure(missingMessage(packages));
  await installPackages(packages, reporter);
}

/** Builds PgBouncer from Debian's source package. Throws a `Failure` with the end of what the failed step said. */
async function buildPooler(at: Locations, output: string, reporter: Reporter): Promise<void> {
  await install(
    buildPackages.filter(({ program }) => !existsSync(program)),
    reporter,
  );
  makeFolder(at.cache, 0o700);
  const folder = mkdtempSync(join(at.cache, "pgbouncer-"));
  try {
    const build = { folder: await fetchSource({ folder, reporter }), reporter };
    await run(build, { program: "./configure", args: ["--prefix=/usr", "--with-cares"], env: buildFlags() });
    await run(build, { program: "make", args: ["-j", String(cpus().length), "pgbouncer"] });
    const built = join(build.folder, "pgbouncer");
    if (!isNewEnough(built)) throw new Failure(`the PgBouncer that was built does not run: ${built} --version`);
    const fresh = join(dirname(output), `.pgbouncer.${process.pid}`);
    mkdirSync(dirname(output), { recursive: true });
    copyFileSync(built, fresh);
    renameSync(fresh, output);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Installs the distribution's PgBouncer if that is new enough; else builds one where the service user can run it.
 * Throws a `Failure` that says what is missing and what to do.
 */
export async function installPooler(at: Locations, reporter: Reporter): Promise<void> {
  if (onPath("apt-get") === undefined) throw new Failure(`this is no Debian. ${howTo}`);
  if (process.getuid?.() === 0) await updateLists(reporter);
  await (offersPooler() ? install([distributionPackage], reporter) : buildPooler(at, builtPath(at), reporter));
}

// For the image: `node --import tsx setup/pgbouncer.ts FILE`.
if (require.main === module) {
  runScript(async () => {
    const [output] = process.argv.slice(2);
    if (output === undefined) throw new Failure("usage: setup/pgbouncer.ts FILE");
    await buildPooler(locations(), output, createReporter());
    return 0;
  });
}
