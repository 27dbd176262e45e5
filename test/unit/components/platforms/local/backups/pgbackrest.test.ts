import fc from "fast-check";
import { backupPlan } from "../../../../../../components/backup/plan";
import { backupSchema } from "../../../../../../components/backup/schema";
import { backrestConfiguration, backupCrontab } from "../../../../../../components/platforms/local/backups/pgbackrest";
import { sampleLayout } from "../../../../../support/local-layout";

const layout = sampleLayout();
const render = (cpus = 2, version = "pgBackRest 2.45"): string =>
  backrestConfiguration({ layout, cpus, cipherPass: "the-pass-phrase", version }, layout.nodes);

test("pgbackrest.conf of the jobs", () => {
  expect(render()).toMatchInlineSnapshot(`
    "[global]
    repo1-path=/var/lib/howdah/local/backup/repository
    repo1-cipher-type=aes-256-cbc
    repo1-cipher-pass=the-pass-phrase
    repo1-bundle=y
    repo1-retention-full=9999999
    compress-type=zst
    compress-level=3
    process-max=1
    start-fast=y
    job-retry=1
    log-level-console=info
    log-level-file=off
    lock-path=/var/lib/howdah/local/run/pgbackrest
    spool-path=/var/lib/howdah/local/backup/spool

    [global:backup]
    expire-auto=n

    [main]
    pg1-path=/var/lib/howdah/local/nodes/node1/data
    pg1-port=6441
    pg1-socket-path=/var/lib/howdah/local/run
    pg1-user=howdah_backup_agent
    pg1-database=postgres
    pg2-path=/var/lib/howdah/local/nodes/node2/data
    pg2-port=6442
    pg2-socket-path=/var/lib/howdah/local/run
    pg2-user=howdah_backup_agent
    pg2-database=postgres
    "
  `);
});

test("blocks of files from the release on that restores them well", () => {
  const block = "repo1-block=y";
  expect(render(2, "pgBackRest 2.55.1").split("\n")).toContain(block);
  expect(render(2, "pgBackRest 2.51").split("\n")).toContain(block);
  expect(render(2, "pgBackRest 2.50")).not.toContain(block);
  expect(render(2, "")).not.toContain(block);
});

test("backups take half of the cores at most, and one at least", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 192 }), (cpus) => {
      const processes = Number(/^process-max=(\d+)$/m.exec(render(cpus))?.[1]);
      expect(processes).toBeGreaterThanOrEqual(1);
      expect(processes).toBeLessThanOrEqual(Math.max(1, cpus / 2));
    }),
  );
});

test("the crontab has a job for each scheduled tier, and the drill", () => {
  const plan = backupPlan(backupSchema.parse({ tiers: { hourly: { schedule: null } } }), { profile: "production" });
  expect(backupCrontab(plan, ["/bin/node", "/howdah.cjs"])).toMatchInlineSnapshot(`
    "# Times are UTC.
    0 1 * * 1-6 /bin/node /howdah.cjs backup --tier daily
    0 1 * * 0 /bin/node /howdah.cjs backup --tier weekly
    30 1 1 * * /bin/node /howdah.cjs backup --tier monthly
    40 1 * * 0 /bin/node /howdah.cjs backup --tier schema
    0 5 * * * /bin/node /howdah.cjs drill
    "
  `);
});
