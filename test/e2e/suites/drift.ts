import { appendFileSync, chmodSync, readFileSync, statSync } from "node:fs";
import { endProcess } from "../../../lib/system/processes";
import { rolesOf } from "../../support/stack/nodes";
import { orphans, supervisorctl, supervisorPid } from "../../support/stack/processes";
import { superuser, type PlannedStep } from "../../support/stack/stack";
import { startTraffic } from "../../support/stack/traffic";
import type { Running } from "./context";

/** Resources that the plan touches, and nothing but in place. */
function updated(steps: readonly PlannedStep[]): string[] {
  expect(steps.filter(({ op }) => op !== "update")).toEqual([]);
  return steps.map(({ name }) => name).sort();
}

/** Manual changes to a running stack: a preview shows them and `up` repairs them. */
export function drift(running: () => Running): void {
  const programs = async (): Promise<Record<string, string>> => {
    const lines = (await supervisorctl(running().stack, "status")).trim().split("\n");
    return Object.fromEntries(lines.map((line) => line.split(/\s+/) as [string, string]));
  };
  const allRunning = async (): Promise<void> => {
    const found = await programs();
    expect(Object.entries(found).filter(([, state]) => state !== "RUNNING")).toEqual([]);
    expect(Object.keys(found)).toEqual(names);
  };
  let names: string[];

  beforeAll(async () => {
    names = Object.keys(await programs());
    expect(names).toEqual(expect.arrayContaining(["etcd1", "haproxy", "patroni-node1", "pgbouncer"]));
  });

  describe("drift", () => {
    test("of services, files, modes and grants is shown and repaired", async () => {
      const { stack, primary } = running();
      const ini = stack.path("etc", "pgbouncer.ini");
      const before = readFileSync(ini, "utf8");
      await supervisorctl(stack, "stop", "backup-schedule");
      appendFileSync(ini, "\nmax_client_conn = 3\n");
      chmodSync(stack.path("tls", "node1.key"), 0o644);
      await superuser(stack, { port: primary, database: "app" }, "REVOKE USAGE ON SCHEMA app FROM app_readonly");
      await superuser(stack, { port: primary, database: "postgres" }, "ALTER ROLE reports PASSWORD 'by hand'");

      const onHost = ["backups-schedule", "foundation-node1-key", "pooler-logins", "pooler-pgbouncer.ini"];
      expect(updated(await stack.plan())).toEqual(onHost);
      // Objects inside the server are looked at by a refresh only.
      const refresh = await stack.pulumi("refresh", "--preview-only", "--non-interactive");
      expect(refresh.code).toBe(0);
      for (const name of [...onHost, "access-grant-app-schema-app-app_readonly"])
        expect(refresh.output).toContain(name);
      expect(refresh.output).toMatch(/~ 5 (to )?update/);

      await stack.up("--refresh");
      expect(readFileSync(ini, "utf8")).toBe(before);
      expect(statSync(stack.path("tls", "node1.key")).mode & 0o777).toBe(0o600);
      await allRunning();
      await expect(stack.query("reports", "SELECT 'app.absent'::regclass")).rejects.toThrow("does not exist");
      expect(await stack.plan("--refresh")).toEqual([]);
    }, 300_000);

    test("a killed supervisord is shown and replaced; no acknowledged row is lost, nothing is left over", async () => {
      const { stack } = running();
      await stack.query("app_migrator", "CREATE TABLE app.drift (id bigint PRIMARY KEY)");
      const traffic = await startTraffic(stack, "app", "drift");
      const killed = supervisorPid(stack);
      await endProcess(killed, "SIGKILL", 5000);
      expect(updated(await stack.plan())).toContain("foundation-supervisor");
      await stack.up();
      const { acknowledged } = await traffic.stop();

      const { port } = (await rolesOf(stack)).primary;
      const kept = await superuser(stack, { port, database: "app" }, "SELECT id FROM app.drift");
      const rows = new Set(kept.split("\n"));
      expect(acknowledged.length).toBeGreaterThan(50);
      expect(acknowledged.filter((id) => !rows.has(String(id)))).toEqual([]);
      expect(supervisorPid(stack)).not.toBe(killed);
      await allRunning();
      expect(await orphans(stack)).toEqual([]);
      expect(await stack.plan()).toEqual([]);
    }, 300_000);
  });
}
