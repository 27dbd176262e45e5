import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Failure } from "../../../lib/errors";
import { makeFolder, writeWhole } from "../../../lib/files";
import { withLock } from "../../../lib/lock";
import { checkout, locations, onPath } from "../../../lib/paths";
import { capture, follow } from "../../../lib/process/attended";
import { createReporter } from "../../../lib/reporter";
import { fingerprint, sha256 } from "../../../lib/text/hash";
import { buildGoProgram } from "../../../setup/go-build";
import { isComplete, makeEnvironment } from "../../../setup/venv";

/** Languages of test/drivers, each a folder of it. */
export const languages = ["node", "python", "java", "go", "rust"] as const;

export type Language = (typeof languages)[number];

/** Words of the command that runs a program of a language. */
export type Command = (program: string) => readonly string[];

interface Toolchain {
  /** Programs without which the drivers of this language are skipped. */
  readonly needs: readonly string[];
  /** Why these programs are not good enough; undefined if they are. */
  readonly unfit?: (source: string) => string | undefined;
  /** Files that say what is installed: another pin makes another folder. */
  readonly pins: readonly string[];
  /** Installs the pinned packages into an empty folder. */
  readonly install: (folder: string, source: string) => Promise<void>;
  /** Makes the programs ready, which may have changed since. */
  readonly build: (folder: string, source: string) => Promise<Command>;
}

const reporter = createReporter();

interface Step {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly variables?: Readonly<Record<string, string>>;
}

async function run(step: Step): Promise<void> {
  const ended = await follow(step, () => undefined);
  if (ended.code !== 0) throw new Failure(`${step.program} failed in ${step.cwd}:\n${ended.stderr}`);
}

/** A folder of its own for each version of the programs: checkouts share what is installed. */
function programsFolder(folder: string, source: string): string {
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.(mjs|java|go|rs)$/.test(name),
  );
  return join(folder, `programs-${fingerprint(...files.sort().map((name) => readFileSync(join(source, name))))}`);
}

const node: Toolchain = {
  needs: ["npm"],
  pins: ["package.json", "package-lock.json", "schema.prisma"],
  install: async (folder, source) => {
    for (const name of node.pins) copyFileSync(join(source, name), join(folder, name));
    await run({ program: "npm", args: ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd: folder });
    // Any program is good enough for the engine of migrations, which Prisma would download and this does not use.
    const variables = {
      CHECKPOINT_DISABLE: "1",
      PRISMA_HIDE_UPDATE_MESSAGE: "1",
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    };
    const prisma = join("node_modules", "prisma", "build", "index.js");
    await run({
      program: process.execPath,
      args: [prisma, "generate", "--schema", "schema.prisma"],
      cwd: folder,
      variables,
    });
  },
  build: (folder, source) => {
    const programs = programsFolder(folder, source);
    cpSync(source, programs, { recursive: true, filter: (path) => path === source || path.endsWith(".mjs") });
    return Promise.resolve((program) => [process.execPath, join(programs, program)]);
  },
};

const python: Toolchain = {
  needs: ["python3"],
  pins: ["requirements.txt"],
  install: async (folder, source) => {
    const requirements = [{ file: join(source, "requirements.txt"), options: ["--only-binary", ":all:"] }];
    await makeEnvironment({ folder, name: "drivers", contents: "the drivers of Python", requirements }, reporter);
  },
  build: (folder, source) => Promise.resolve((program) => [join(folder, "bin", "python"), "-B", join(source, program)]),
};

interface Jar {
  readonly artifact: string;
  readonly sha256: string;
}

const java: Toolchain = {
  needs: ["java", "javac", "mvn"],
  pins: ["jars.json"],
  install: async (folder, source) => {
    const { plugin, jars } = JSON.parse(readFileSync(join(source, "jars.json"), "utf8")) as {
      plugin: string;
      jars: Jar[];
    };
    for (const { artifact, sha256: expected } of jars) {
      await run({
        program: "mvn",
        args: ["-q", "-B", `${plugin}:copy`, `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`],
        cwd: folder,
      });
      const [, name = "", version = ""] = artifact.split(":");
      const found = sha256(readFileSync(join(folder, `${name}-${version}.jar`)));
      if (found !== expected) throw new Failure(`${artifact} has the SHA-256 ${found} instead of ${expected}`);
    }
  },
  build: async (folder, source) => {
    const programs = programsFolder(folder, source);
    const sources = readdirSync(source).filter((name) => name.endsWith(".java"));
    const jars = join(folder, "*");
    mkdirSync(programs, { recursive: true });
    await run({ program: "javac", args: ["-cp", jars, "-d", programs, ...sources], cwd: source });
    return (program) => ["java", "-XX:TieredStopAtLevel=1", "-cp", `${programs}:${jars}`, program];
  },
};

const go: Toolchain = {
  needs: ["go"],
  pins: ["go.mod", "go.sum"],
  install: () => Promise.resolve(),
  build: async (folder, source) => {
    const output = join(programsFolder(folder, source), "drivers");
    if (!existsSync(output))
      await buildGoProgram({ folder: source, package: "howdah.invalid/drivers", output }, reporter);
    return () => [output];
  },
};

const rust: Toolchain = {
  needs: ["cargo"],
  pins: ["Cargo.toml", "Cargo.lock"],
  unfit: (source) => {
    const needed = /^rust-version = "(.+)"$/m.exec(readFileSync(join(source, "Cargo.toml"), "utf8"))?.[1] ?? "";
    // A `cargo` of rustup may have no toolchain.
    const [, found = ""] = /^cargo (\d+\.\d+)/.exec(capture({ program: "cargo", args: ["--version"] }).stdout) ?? [];
    return found.localeCompare(needed, "en", { numeric: true }) < 0 ? `no Rust ${needed} on this machine` : undefined;
  },
  install: () => Promise.resolve(),
  build: async (folder, source) => {
    const output = join(programsFolder(folder, source), "drivers");
    if (!existsSync(output)) {
      // Cargo builds the packages once for all checkouts and versions of the program.
      const variables = { CARGO_TARGET_DIR: join(folder, "target") };
      await run({ program: "cargo", args: ["build", "--release", "--locked"], cwd: source, variables });
      mkdirSync(dirname(output), { recursive: true });
      copyFileSync(join(folder, "target", "release", "drivers"), output);
    }
    return () => [output];
  },
};

const toolchains: Readonly<Record<Language, Toolchain>> = { node, python, java, go, rust };

/** The folder of a language's programs. */
const sourceOf = (language: Language): string => join(checkout, "test", "drivers", language);

/** Why the drivers of a language cannot run here; undefined if they can. */
export function missingFor(language: Language): string | undefined {
  const { needs, unfit } = toolchains[language];
  const missing = needs.filter((program) => onPath(program) === undefined);
  return missing.length === 0 ? unfit?.(sourceOf(language)) : `no ${missing.join(", ")} on this machine`;
}

/**
 * Installs the pinned drivers of a language below howdah's cache, once for all checkouts, and makes our programs ready.
 * @throws Failure if a package cannot be had
 */
export async function installDrivers(language: Language): Promise<Command> {
  const at = locations();
  const { pins, install, build } = toolchains[language];
  const source = sourceOf(language);
  const folder = join(
    at.cache,
    "drivers",
    `${language}-${fingerprint(...pins.map((name) => readFileSync(join(source, name))))}`,
  );
  makeFolder(join(at.cache, "drivers"), 0o755);
  // The same file tells a whole virtual environment.
  return withLock(
    `${folder}.lock`,
    () => undefined,
    async () => {
      if (!isComplete(folder)) {
        rmSync(folder, { recursive: true, force: true });
        mkdirSync(folder);
        await install(folder, source);
        writeWhole(join(folder, ".complete"), `${basename(folder)}\n`);
      }
      return build(folder, source);
    },
  );
}
