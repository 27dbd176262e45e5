import { readFileSync } from "node:fs";
import { Client } from "pg";
import { renderResults } from "../../../../../cli/metrics/collector";
import { Results } from "../../../../../cli/metrics/results";
import { probing } from "../../../../../cli/metrics/sets/probe";
import { probeLoginOf } from "../../../../../components/monitoring/probe";
import type { Probe } from "../../../../../contracts/collector";
import { waitFor } from "../../../../../lib/retry";
import { planHere, startPodPooler } from "../../../../support/clouds/pod-pooler";
import { settingsOf } from "../../../../support/graph";
import { accessSql } from "../../../../support/servers/postgres/access-sql";
import { startReplica } from "../../../../support/servers/postgres/replica";
import type { ThrowawayPostgres } from "../../../../support/servers/postgres/throwaway-postgres";
import { startTlsPostgres, tlsFolder, type TlsFolder } from "../../../../support/servers/postgres/tls-postgres";
import { Balancer } from "../../../../support/servers/routing/balancer";
import type { ThrowawayPooler } from "../../../../support/servers/routing/throwaway-pooler";

jest.setTimeout(120_000);

let folder: TlsFolder;
let server: ThrowawayPostgres;
/** Probes that run, and what they go through. */
const ends: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  folder = await tlsFolder();
  server = await startTlsPostgres(folder, ["password_encryption=scram-sha-256"]);
  const { databases } = settingsOf("local");
  const { poolers } = planHere().budget;
  for (const { database, sql } of accessSql(databases, { poolers, tokenGroup: "rds_iam" }))
    await server.sql(database, sql);
});

afterAll(async () => {
  await server.stop();
  await folder.remove();
});

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

let pods = 0;
/** A pooler of a stack that has the probe, or none. */
async function startPod(hasProbe = true): Promise<ThrowawayPooler> {
  const input = planHere();
  const name = `pod-${++pods}`;
  const pod = await startPodPooler(folder, {
    name,
    server,
    input: { ...input, budget: { ...input.budget, hasProbe } },
  });
  ends.push(() => pod.stop("SIGQUIT"));
  return pod;
}

const probeAt = async (port: number, change: Partial<Probe> = {}): Promise<Probe> => ({
  host: "localhost",
  port,
  authority: folder.caFile,
  ...probeLoginOf("app", await folder.write("probe-password", "howdah_probe")),
  ...change,
});

/** Probes until the end of the test. */
function start(probe: Probe) {
  const end = new AbortController();
  const results = new Results();
  const notes: string[] = [];
  const { registry, done } = probing(probe, { results, note: (text) => notes.push(text), signal: end.signal });
  ends.push(() => {
    end.abort();
    return done;
  });
  const valuesOf = async (name: string): Promise<Record<string, number>> => {
    const text = await renderResults(results, [registry]);
    const found = [...text.matchAll(new RegExp(`^${name}\\{route="([\\w-]+)"\\} (\\S+)$`, "gm"))];
    return Object.fromEntries(found.map(([, route = "", value]) => [route, Number(value)]));
  };
  /** Once each route has been tried so often. */
  const outcome = async (attempts: number): Promise<Record<string, number>> => {
    await waitFor(
      async () => {
        const made = Object.values(await valuesOf("howdah_probe_attempts_total"));
        return made.length === 2 && Math.min(...made) >= attempts ? true : undefined;
      },
      { timeout: 60_000 },
    );
    return valuesOf("howdah_probe_success");
  };
  return { notes, valuesOf, outcome };
}

const both = (value: number) => ({ "read-write": value, "read-only": value });

/** Sessions of the probe at the server. */
const sessions = async (): Promise<number> =>
  (await server.sql<{ n: number }>("postgres", "SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = 'howdah_probe'"))[0]!.n; // prettier-ignore

test("the probe goes through the Service to all pods, each of which keeps one connection of it on each route", async () => {
  const service = await Balancer.start();
  ends.push(() => service.stop());
  // Three: of two, each would get the same route all the time.
  for (const { port } of await Promise.all([startPod(), startPod(), startPod()])) service.add(port);
  const probe = start(await probeAt(service.port));
  expect(await waitFor(async () => ((await sessions()) === 6 ? true : undefined), { timeout: 90_000 })).toBe(true);
  expect([await probe.outcome(3), probe.notes]).toEqual([both(1), []]);
  expect(await probe.valuesOf("howdah_probe_failures_total")).toEqual(both(0));
  expect(await probe.valuesOf("howdah_probe_in_recovery")).toEqual(both(0));
  expect(await probe.valuesOf("howdah_probe_duration_seconds_count")).toEqual(
    await probe.valuesOf("howdah_probe_attempts_total"),
  );
  expect(await sessions()).toBe(6);
});

describe("while applications hold all connections of a pod", () => {
  /** As many as the pod's share of the pool has, each in a transaction. */
  async function fill(port: number): Promise<void> {
    const ssl = { ca: readFileSync(folder.caFile, "utf8") };
    for (const user of ["app", "app_migrator", "reports"])
      for (const database of ["app", "app_ro"]) {
        const client = new Client({ host: "localhost", port, database, user, password: user, ssl });
        client.on("error", () => undefined);
        await client.connect();
        await client.query("BEGIN");
        ends.push(() => client.end());
      }
  }

  test("the probe has its own", async () => {
    const { port } = await startPod();
    await fill(port);
    const probe = start(await probeAt(port));
    expect([await probe.outcome(1), probe.notes]).toEqual([both(1), []]);
  });
});

describe("a probe fails", () => {
  test("whose read-write route leads to a server in recovery", async () => {
    const { certificate, key } = await folder.certificate("standby", [], ["127.0.0.2"]);
    const hba = await folder.write(
      "standby.conf",
      "local all postgres trust\nhostssl all all 127.0.0.1/8 scram-sha-256\n",
    );
    const tls = ["ssl=on", `ssl_cert_file=${certificate}`, `ssl_key_file=${key}`, `hba_file=${hba}`];
    const standby = await startReplica(server, "127.0.0.2", tls);
    ends.push(() => standby.remove());
    const probe = start(await probeAt(server.port, { host: "127.0.0.2", readOnly: "app" }));
    expect(await probe.outcome(1)).toEqual({ "read-write": 0, "read-only": 1 });
    expect(await probe.valuesOf("howdah_probe_in_recovery")).toEqual(both(1));
    expect(probe.notes).toEqual(["probe, read-write: the read-write route leads to a server in recovery"]);
  });

  test("that is refused or gets no connection", async () => {
    const { port } = await startPod(false);
    const probe = start(await probeAt(port));
    expect(await probe.outcome(1)).toEqual(both(0));
    expect(probe.notes.sort()).toEqual(["read-only", "read-write"].map((route) => expect.stringMatching(new RegExp(`^probe, ${route}: .*login rejected`)) as string)); // prettier-ignore
  });

  test("whose pooler shows another name, or a certificate of another authority", async () => {
    const { port } = await startPod();
    // The same address by a name that is not in its certificate.
    const otherName = start(await probeAt(port, { host: "127.1" }));
    const otherAuthority = start(await probeAt(port, { authority: folder.otherCaFile }));
    expect([await otherName.outcome(1), await otherAuthority.outcome(1)]).toEqual([both(0), both(0)]);
    expect(otherName.notes.join()).toMatch(/does not match certificate's altnames/);
    expect(otherAuthority.notes.join()).toMatch(/unable to (verify|get)/);
  });

  test("without an authority, which an issuer may leave out, or without a pooler", async () => {
    const { port } = await startPod();
    const without = start(await probeAt(port, { authority: `${folder.path}/missing.pem` }));
    const alone = start(await probeAt(1));
    expect([await without.outcome(1), await alone.outcome(1)]).toEqual([both(0), both(0)]);
    expect([without.notes.join(), alone.notes.join()]).toEqual([
      expect.stringContaining("missing.pem"),
      expect.stringContaining("ECONNREFUSED"),
    ]);
  });
});
