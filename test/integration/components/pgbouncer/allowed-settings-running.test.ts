import { join } from "node:path";
import fc from "fast-check";
import { allowedSettings, poolerProblems, type SettingSpec } from "../../../../components/pgbouncer/allowed-settings";
import { renderFor, startPooler, type ThrowawayPooler } from "../../../support/servers/routing/throwaway-pooler";
import { type TlsFolder, tlsFolder } from "../../../support/servers/postgres/tls-postgres";

type Overrides = Readonly<Record<string, string | number>>;

let folder: TlsFolder;
let pooler: ThrowawayPooler;
beforeAll(async () => {
  folder = await tlsFolder();
  pooler = await startPooler(folder, { name: "pooler", render: renderFor([], 1), password: "secret" });
});
afterAll(async () => {
  await pooler.stop("SIGQUIT");
  await folder.remove();
});

/** The ini of the running pooler with other overrides: what a change of config writes. */
function iniWith(parameters: Overrides): string {
  const paths = {
    socketDirectory: pooler.socketDirectory,
    certificate: join(folder.path, "pooler.crt"),
    key: join(folder.path, "pooler.key"),
    ca: folder.caFile,
    hba: join(folder.path, "pooler-hba.conf"),
    userlist: join(folder.path, "pooler-userlist.txt"),
  };
  return renderFor([], 1, parameters)({ paths, port: pooler.port }).ini;
}

/** Reloads with an ini, and returns what PgBouncer then runs with, by setting. */
async function runningWith(ini: string): Promise<Record<string, string>> {
  await folder.write("pooler.ini", ini);
  await pooler.console("RELOAD");
  const rows = await pooler.console("SHOW CONFIG");
  return Object.fromEntries(rows.map(({ key = "", value = "" }) => [key, value]));
}

/** What runs, as it was given if it is that: PgBouncer shows six digits of a figure, and a list of names ends with a comma. */
const asGiven = (running: string | undefined, given: string | number): string | number | undefined =>
  Math.abs(Number(running) - Number(given)) <= 1e-5 * Number(given) || running?.replace(/,$/, "") === given
    ? given
    : running;

/** Values of a setting; figures close to the ends of the range, too. */
function valuesOf(spec: SettingSpec): fc.Arbitrary<string | number> {
  if (spec.kind === "text") {
    const texts = ["extra_float_digits", "extra_float_digits,options", "ECDHE+CHACHA20", "ECDHE-RSA-AES128-GCM-SHA256"];
    return fc.constantFrom(...texts.filter((text) => spec.pattern.test(text)));
  }
  if (spec.kind === "count") return fc.integer({ min: spec.min, max: spec.max });
  return fc.integer({ min: spec.min * 10, max: spec.max * 10 }).map((tenths) => tenths / 10);
}

const anyOverrides = fc.record(
  Object.fromEntries(Object.entries(allowedSettings).map(([name, spec]) => [name, valuesOf(spec)])),
);

const ends = (end: "min" | "max"): Overrides =>
  Object.fromEntries(
    Object.entries(allowedSettings).flatMap(([name, spec]) => (spec.kind === "text" ? [] : [[name, spec[end]]])),
  );

const expectInForce = async (parameters: Overrides): Promise<void> => {
  expect(poolerProblems({ parameters })).toEqual([]);
  const running = await runningWith(iniWith(parameters));
  const found = Object.entries(parameters).map(([name, given]) => [name, asGiven(running[name], given)]);
  expect(Object.fromEntries(found)).toEqual(parameters);
};

test("every allowed setting is in force after a reload, whatever its value", async () => {
  await fc.assert(fc.asyncProperty(anyOverrides, expectInForce), { numRuns: 6, endOnFailure: true });
});

test.each(["min", "max"] as const)("every figure at its %s is in force after a reload", async (end) => {
  await expectInForce(ends(end));
});

test("a figure of more digits than PgBouncer shows is in force", async () => {
  await expectInForce({ client_idle_timeout: 253_494.7 });
});

test("control: an ini that leaves a setting out runs without it", async () => {
  const ini = iniWith({ tcp_keepidle: 77 })
    .split("\n")
    .filter((line) => !line.startsWith("tcp_keepidle"))
    .join("\n");
  expect((await runningWith(ini))["tcp_keepidle"]).not.toBe("77");
});

test("control: a setting that PgBouncer reads at its start only stays as it was", async () => {
  const before = (await runningWith(iniWith({})))["pkt_buf"];
  expect((await runningWith(`${iniWith({})}pkt_buf = 8192\n`))["pkt_buf"]).toBe(before);
});
