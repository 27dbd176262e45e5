import fc from "fast-check";
import { backupSchema } from "../../../../components/backup/schema";
import { backrestConfiguration, backupCrontab } from "../../../../components/platforms/local/pgbackrest";
import { sampleLayout } from "../../../support/local-layout";

const layout = sampleLayout();
const settings = backupSchema.parse({});
const render = (cpus = 2): string =>
  backrestConfiguration({ layout, settings, cpus, cipherPass: "the-pass-phrase" }, layout.nodes);

test("pgbackrest.conf of the jobs", () => {
  expect(render()).toMatchInlineSnapshot(`
    "[global]
    repo1-path=/var/lib/howdah/local/backup/repository
    repo1-cipher-type=aes-256-cbc
    repo1-cipher-pass=the-pass-phrase
    repo1-bundle=y
    repo1-retention-full=2
    repo1-retention-diff=7
    compress-type=zst
    compress-level=3
    process-max=1
    start-fast=y
    log-level-console=info
    log-level-file=off
    lock-path=/var/lib/howdah/local/run/pgbackrest
    spool-path=/var/lib/howdah/local/backup/spool

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

test("backups take half of the cores at most, and one at least", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 192 }), (cpus) => {
      const processes = Number(/^process-max=(\d+)$/m.exec(render(cpus))?.[1]);
      expect(processes).toBeGreaterThanOrEqual(1);
      expect(processes).toBeLessThanOrEqual(Math.max(1, cpus / 2));
    }),
  );
});

test("the crontab has a job of each kind at its own time", () => {
  const jobs = backupCrontab(layout, { ...settings.schedule, full: "30 1 * * 0" })
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  expect(jobs).toHaveLength(3);
  for (const job of jobs)
    expect(job).toMatch(/^(\S+ ){5}\/usr\/bin\/pgbackrest --config=\S+ --stanza=main --type=\w+ backup$/);
  expect(jobs[0]).toMatch(/^30 1 \* \* 0 .*--type=full /);
  expect(jobs.map((job) => /--type=(\w+)/.exec(job)?.[1])).toEqual(["full", "diff", "incr"]);
});
