import { mkdirSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { Failure } from "../lib/errors";
import { readText } from "../lib/files";
import { capture, follow } from "../lib/process/attended";
import { onPath } from "../lib/paths";
import type { Reporter } from "../lib/reporter";

/** A program that is built from the Go module in `folder` (its own go.mod and go.sum, so every source is checksummed). */
export interface GoProgram {
  readonly folder: string;
  readonly package: string;
  /** Linker flags, for example `-X path.Version=v1`. */
  readonly ldflags?: string;
  /** The program is written here, in one step. */
  readonly output: string;
  /** What the user can install instead of Go, if anything. */
  readonly alternative?: string;
}

/** Oldest Go that a module is built with, by its go.mod. */
export const neededGo = (goMod: string): string => /^go (\S+)/m.exec(goMod)?.[1] ?? "";

const nameOf = (program: GoProgram): string => program.package.split("/").at(-1) ?? program.package;

/** What to do if there is no Go to build a program with. */
export function noGo(program: GoProgram): string {
  const version = neededGo(readText(join(program.folder, "go.mod")) ?? "");
  const alternative = program.alternative === undefined ? "" : `, or ${program.alternative}`;
  return (
    `no \`go\` to build ${nameOf(program)} with.\n` +
    `Install Go ${version} or newer (https://go.dev/doc/install)${alternative}, and try again.`
  );
}

/** `go` on PATH, or where its own installer puts it. */
function findGo(program: GoProgram): string {
  const usual = "/usr/local/go/bin/go";
  const go = onPath("go") ?? (capture({ program: usual, args: ["version"] }).code === 0 ? usual : undefined);
  if (go === undefined) throw new Failure(noGo(program));
  return go;
}

/** Share of a long step as text, for example "412 of 1380 packages, 73 s". */
export const share = (count: number, total: number, seconds: number): string =>
  `${count}${total > 0 ? ` of ${Math.max(count, total)}` : ""} packages, ${Math.round(seconds)} s`;

const lines = (text: string): number => text.split("\n").filter((line) => line !== "").length;

/**
 * Builds the program; Go's own caches make an interrupted build go on where it stopped.
 * Throws a `Failure` with the end of Go's output.
 */
export async function buildGoProgram(program: GoProgram, reporter: Reporter): Promise<void> {
  const go = findGo(program);
  // Without cgo the result is the same with and without a C compiler.
  const env = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly -buildvcs=false" };
  const started = Date.now();
  const label = nameOf(program);
  const step = async (verb: string, args: string[], total: number): Promise<void> => {
    let count = 0;
    const report = (): void => {
      reporter.progress(`${label}: ${verb} ${share(count, total, (Date.now() - started) / 1000)}`);
    };
    const timer = setInterval(report, 1000);
    const ended = await follow({ program: go, args, cwd: program.folder, env }, () => count++);
    clearInterval(timer);
    if (ended.code !== 0) throw new Failure(`${label} could not be built (${verb}):\n${ended.stderr}`);
  };
  await step("downloading", ["list", "-deps", "-f", "{{.ImportPath}}", program.package], 0);
  const all = capture({ program: go, args: ["list", "-deps", program.package], cwd: program.folder, env });
  const fresh = join(dirname(program.output), `.${label}.${process.pid}`);
  mkdirSync(dirname(program.output), { recursive: true });
  const flags = ["-v", "-trimpath", "-ldflags", `-s -w ${program.ldflags ?? ""}`.trim()];
  await step("compiling", ["build", ...flags, "-o", fresh, program.package], lines(all.stdout));
  renameSync(fresh, program.output);
}
