import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exitCodes } from "../../../cli/kit/answer";
import { checkout } from "../../../lib/paths";
import { capture, type Ended } from "../../../lib/process/attended";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "howdah-scripts-"));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

/** Runs a program in the checkout, with a state folder and a folder for temporary files of its own. */
function run(words: readonly [string, ...string[]], extra: NodeJS.ProcessEnv = {}): Ended {
  const [program, ...args] = words;
  const inherited = Object.entries(process.env).filter(([name]) => !/^(TSX|HOWDAH)_/.test(name));
  const env = { ...Object.fromEntries(inherited), HOWDAH_STATE_ROOT: root, TMPDIR: root, ...extra };
  return capture({ program, args, cwd: checkout, env });
}

test("`make down` without a stack says so and leaves nothing", () => {
  const config = join(root, "mine.yaml");
  writeFileSync(config, "config:\n  howdah:platform: local\n");
  const extra = { HOWDAH_CONFIG_FILE: config, TSX_DISABLE_CACHE: "1" };
  const { code, stderr } = run(["bin/howdah", "down", "--stack", "mine"], extra);
  expect(stderr).toContain('there is no stack "mine"');
  expect(code).toBe(0);
  expect(readdirSync(root).filter((name) => !name.startsWith("tsx-"))).toEqual(["mine.yaml"]);
});

test("`make up` of a stack without a config names the file to create", () => {
  const { code, stderr } = run(["bin/howdah", "up", "--stack", "nope"]);
  expect(code).toBe(1);
  expect(stderr).toContain(`${join(checkout, "Pulumi.nope.yaml")} does not exist`);
  expect(stderr).not.toContain("backend");
});

describe("a wrong config", () => {
  const broken = "config:\n  howdah:platform: local\n  howdah:poolr: {}\n  howdah:postgres: {replica: 2}\n";

  /** Runs a tool on the stack `mine` with this config. */
  function onConfig(config: string, env: NodeJS.ProcessEnv, ...words: string[]): Ended {
    writeFileSync(join(root, "mine.yaml"), config);
    const extra = { HOWDAH_CONFIG_FILE: join(root, "mine.yaml"), TSX_DISABLE_CACHE: "1", ...env };
    return run(["bin/howdah", ...words], extra);
  }

  // Without a folder for the cache the setup fails: nothing of it is begun.
  const noSetUp = { XDG_CACHE_HOME: "/proc/nowhere" };

  test.each([
    ["make up", ["up", "--stack", "mine"]],
    ["npm run pulumi -- up", ["pulumi", "up", "--yes", "--stack", "mine"]],
    ["npm run pulumi -- preview", ["pulumi", "pre", "--stack", "mine"]],
  ])("is refused by `%s` with all its problems, before anything is started", (_what, words) => {
    const { code, stdout, stderr } = onConfig(broken, noSetUp, ...words);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^howdah: \d+ problems in the stack's config \(.*mine\.yaml\):\n(  howdah:\S+: .*\n)+$/);
    expect(stderr).toMatch(/howdah:poolr.*\n(.*\n)*.*howdah:postgres\.replica: .*did you mean/);
    expect(readdirSync(root).filter((name) => !name.startsWith("tsx-"))).toEqual(["mine.yaml"]);
  });

  test("control: is no reason against a command that does not read it", () => {
    const { stderr } = onConfig(broken, {}, "pulumi", "destroy", "--yes", "--non-interactive", "--stack", "mine");
    expect(stderr).not.toContain("problems in the stack's config");
    expect(stderr).toContain("no stack named 'mine' found");
  }, 60_000);
});

describe("a command line that is off", () => {
  test.each([
    [["bakup"], "Did you mean backup?"],
    [["backup", "--tiers", "weekly"], "Did you mean --tier?"],
    [["backup", "everything"], "Allowed choices are full, diff, incr, logical, schema"],
    [["restore-dump", "name"], "required option '--database <name>' not specified"],
    [["--stack", "mine", "pulumi", "preview"], '"pulumi" must come first'],
    [[], "Usage: howdah"],
  ])("%j is refused as such, and says what it should be", (words, said) => {
    const { code, stdout, stderr } = run(["bin/howdah", ...words]);
    expect([code, stdout]).toEqual([exitCodes.usage, ""]);
    expect(stderr).toContain(said);
  });
});

test("`howdah up` refuses a job file", () => {
  const { code, stderr } = run(["bin/howdah", "up", "--job-file", "/job.json"]);
  expect([code, stderr]).toEqual([exitCodes.refused, expect.stringContaining("name it with --stack")]);
});

/** tsx runs what it finds under a name in /tmp that anybody can foresee. */
test.each<[string, ...string[]]>([
  ["bin/howdah", "--help"],
  ["make", "--no-print-directory", "--eval=probe: ; @$(howdah) up", "probe", "STACK=nope"],
  ["npm", "run", "--silent", "pulumi", "--", "version", "--stack", "nope"],
])("%s keeps no compiled code among the temporary files of all users", (...words) => {
  run(words);
  const left = readdirSync(root, { recursive: true, withFileTypes: true });
  expect(left.filter((entry) => entry.isFile()).map(({ name }) => name)).toEqual([]);
});
