import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "../../../../lib/errors";
import { installPackages } from "../../../../setup/packages/apt";
import { ensurePackages } from "../../../../setup/packages/packages";
import { addPgdg, pgdgAdvice, pgdgSource } from "../../../../setup/packages/pgdg";

jest.mock("../../../../setup/packages/apt");
const install = jest.mocked(installPackages);

const notes: string[] = [];
const reporter = { done: () => undefined, note: (text: string) => void notes.push(text), progress: () => undefined };
const release = 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n';
const file = "etc/apt/sources.list.d/pgdg.sources";
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "howdah-pgdg-"));
  notes.length = 0;
  install.mockReset();
});
afterEach(() => {
  rmSync(root, { recursive: true });
  delete process.env["HOWDAH_PGDG"];
});

test("the advice has each line that an administrator has to run", () => {
  const advice = pgdgAdvice(release);
  expect(advice).toContain("HOWDAH_PGDG=1 make up");
  expect(advice).toContain("apt-get install --no-install-recommends postgresql-common\n");
  expect(advice).toContain(`cat > /${file} <<EOF\n${pgdgSource("bookworm")}EOF\n  apt-get update`);
  expect(pgdgSource("bookworm")).toMatch(/^Suites: bookworm-pgdg$/m);
});

test("a distribution without a code name gets a link instead of lines", () => {
  expect(pgdgAdvice("ID=other\n")).toMatch(/^Add the PostgreSQL project's repository: https:/);
});

test("the repository is added once, readable by apt, with a key that a package of Debian's has", async () => {
  await addPgdg(reporter, { root, release });
  expect(readFileSync(join(root, file), "utf8")).toBe(pgdgSource("bookworm"));
  expect(statSync(join(root, file)).mode & 0o777).toBe(0o644);
  expect(install.mock.calls.map(([packages]) => packages.map(({ name }) => name))).toEqual([["postgresql-common"]]);
  expect(notes).toHaveLength(1);
  await addPgdg(reporter, { root, release: release.replace("bookworm", "trixie") });
  expect(readFileSync(join(root, file), "utf8")).toBe(pgdgSource("bookworm"));
});

test("no repository is added to a distribution without a code name", async () => {
  await expect(addPgdg(reporter, { root, release: "ID=other\n" })).rejects.toThrow("neither Debian nor Ubuntu");
  expect(install).not.toHaveBeenCalled();
});

describe("a version that the package sources do not have", () => {
  const absent = 18;
  beforeEach(() => {
    jest.spyOn(process, "getuid").mockReturnValue(0);
    install.mockRejectedValue(new Failure(`apt-get install failed:\nE: Unable to locate package postgresql-${absent}`));
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test("is reported with the lines, and nothing is added unasked", async () => {
    await expect(ensurePackages({ postgres: absent }, reporter)).rejects.toThrow(
      /postgresql-18\n.*howdah:postgres\.version.*\n.*HOWDAH_PGDG=1/s,
    );
    expect(install).toHaveBeenCalledTimes(1);
  });

  test("is looked for in the PostgreSQL project's repository if HOWDAH_PGDG is 1; another error is not", async () => {
    process.env["HOWDAH_PGDG"] = "1";
    await expect(ensurePackages({ postgres: absent }, reporter)).rejects.toThrow("postgresql-18");
    // The key's package could not be installed either.
    expect(install).toHaveBeenCalledTimes(2);
    expect(install.mock.lastCall?.[0].map(({ name }) => name)).toEqual(["postgresql-common"]);
    install.mockReset();
    install.mockRejectedValue(new Failure("apt-get install failed: no space left"));
    await expect(ensurePackages({ postgres: absent }, reporter)).rejects.toThrow(/no space left$/);
    expect(install).toHaveBeenCalledTimes(1);
  });
});
