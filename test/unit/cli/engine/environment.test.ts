import { Failure } from "../../../../lib/errors";
import { locations } from "../../../../lib/paths";
import { backendFolder, chosenStack, engineEnvironment } from "../../../../cli/engine/environment";
import { isLocal } from "../../../../cli/engine/is-local";

const at = locations({}, { uid: 1000, home: "/home/u" });
const tools = {
  at,
  engineFolder: "/engine",
  python: "/venv/bin",
  supercronic: "/bin/supercronic",
  pgbouncer: "/usr/sbin/pgbouncer",
  howdah: { node: "/bin/node", script: "/howdah.cjs" },
};
const environment = (stack: string, env: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv =>
  engineEnvironment({ ...tools, stack, local: stack === "local", env: { PATH: "/usr/bin", ...env } });

describe("which stack a command is about", () => {
  test("takes the named one, then PULUMI_STACK, then local", () => {
    expect(chosenStack("a", { PULUMI_STACK: "b" })).toBe("a");
    expect(chosenStack(undefined, { PULUMI_STACK: "b" })).toBe("b");
    expect(chosenStack("", { PULUMI_STACK: "" })).toBe("local");
  });

  test("counts a stack whose config says so as one of this machine, whatever its name", () => {
    expect(isLocal("two", "config:\n  howdah:platform: local\n")).toBe(true);
    expect(isLocal("two", 'config:\n  "howdah:platform": "local"\n')).toBe(true);
    expect(isLocal("local", "config:\n  howdah:platform: aws\n")).toBe(false);
    expect(isLocal("prod", "config:\n  howdah:platform: aws\n")).toBe(false);
    expect(isLocal("local", "config:\n  howdah:platform: nosuch\n")).toBe(false);
    expect(isLocal("two", "config: { 'howdah:platform': local, 'howdah:postgres': [ }")).toBe(true);
  });

  test("goes by the name where there is no config to read", () => {
    expect(isLocal("organization/howdah/local", undefined)).toBe(true);
    expect(isLocal("e2e", undefined)).toBe(false);
  });
});

describe("the engine's environment", () => {
  test("gives a local stack the file backend, the passphrase file and the servers' programs", () => {
    expect(environment("local")).toMatchObject({
      PATH: "/engine:/usr/bin",
      PULUMI_BACKEND_URL: "file:///home/u/.local/state/howdah/.pulumi-state",
      PULUMI_CONFIG_PASSPHRASE_FILE: "/home/u/.local/state/howdah/.passphrase",
      PULUMI_HOME: "/home/u/.cache/howdah/pulumi-home",
      PULUMI_STACK: "local",
      HOWDAH_STATE_ROOT: "/home/u/.local/state/howdah",
      HOWDAH_PYTHON: "/venv/bin",
      HOWDAH_SUPERCRONIC: "/bin/supercronic",
      HOWDAH_PGBOUNCER: "/usr/sbin/pgbouncer",
      HOWDAH_NODE: "/bin/node",
      HOWDAH_OPS: "/howdah.cjs",
    });
  });

  test("has none of the user's own settings of psql, pgBackRest and the like", () => {
    const mine = {
      PGSERVICE: "app",
      PGDATABASE: "nosuch",
      PGOPTIONS: "-c statement_timeout=1ms",
      PGBACKREST_REPO1_PATH: "/x",
    };
    for (const one of [environment("local", mine), environment("prod", { ...mine, PULUMI_BACKEND_URL: "s3://b" })])
      expect(Object.keys(one).filter((name) => name.startsWith("PG"))).toEqual([]);
  });

  test("lets the user's backend and passphrase win, an empty passphrase included", () => {
    const own = environment("local", { PULUMI_BACKEND_URL: "s3://b", PULUMI_CONFIG_PASSPHRASE: "" });
    expect(own["PULUMI_BACKEND_URL"]).toBe("s3://b");
    expect(own["PULUMI_CONFIG_PASSPHRASE_FILE"]).toBeUndefined();
    expect(environment("local", { PULUMI_CONFIG_PASSPHRASE_FILE: "/p" })["PULUMI_CONFIG_PASSPHRASE_FILE"]).toBe("/p");
  });

  test("refuses another stack without a backend, and says what to set", () => {
    expect(() => environment("prod")).toThrow(Failure);
    expect(() => environment("prod")).toThrow(/PULUMI_BACKEND_URL.*PULUMI_ACCESS_TOKEN/s);
    expect(() => environment("prod", { PULUMI_BACKEND_URL: "" })).toThrow(Failure);
  });

  test("names the config file that is missing rather than a backend", () => {
    const missing = "/checkout/Pulumi.nope.yaml";
    const refused = () => engineEnvironment({ ...tools, stack: "nope", local: false, env: {}, missing });
    expect(refused).toThrow(Failure);
    expect(refused).toThrow(/Pulumi\.nope\.yaml does not exist.*Create it.*`howdah:platform: local`/s);
    expect(refused).not.toThrow(/backend/);
  });

  test("keeps compiled code in the user's own cache, whatever the stack", () => {
    const folder = "/home/u/.cache/howdah/ts-node";
    expect(environment("local")["TS_NODE_CACHE_DIRECTORY"]).toBe(folder);
    expect(environment("prod", { PULUMI_ACCESS_TOKEN: "t" })["TS_NODE_CACHE_DIRECTORY"]).toBe(folder);
  });

  test("never gives another stack this machine's passphrase or backend", () => {
    const prod = environment("prod", { PULUMI_ACCESS_TOKEN: "t" });
    expect(prod["PULUMI_BACKEND_URL"]).toBeUndefined();
    expect(prod["PULUMI_CONFIG_PASSPHRASE_FILE"]).toBeUndefined();
    expect(prod["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"]).toBeUndefined();
  });

  test("sees a folder only in a file backend", () => {
    expect(backendFolder({ PULUMI_BACKEND_URL: "file:///a/b?no_tmp_dir=true" })).toBe("/a/b");
    expect(backendFolder({ PULUMI_BACKEND_URL: "s3://b" })).toBeUndefined();
    expect(backendFolder({})).toBeUndefined();
  });
});
