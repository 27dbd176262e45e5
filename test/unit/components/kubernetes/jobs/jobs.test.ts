import { backupPlan } from "../../../../../components/backup/plan";
import { aws } from "../../../../../components/platforms/aws/platform";
import { backupSchema } from "../../../../../components/backup/schema";
import { remoteStackFile } from "../../../../../components/kubernetes/jobs/stack-file";
import { scheduledJobs } from "../../../../../components/kubernetes/jobs/plan";
import type { JobName } from "../../../../../components/ports";
import { dumpDestinationProblems } from "../../../../../components/kubernetes/rules";
import { toSeconds } from "../../../../../lib/values";
import { planFor } from "../../../../support/clouds/fake-cloud";

const plan = (keys: object) => backupPlan(backupSchema.parse(keys), aws.defaults);
const names = (keys: object) => scheduledJobs(plan(keys)).map(({ name }) => name);

const recipient = `age1${"q".repeat(58)}`;

test("dumps, schema dumps, a drill and maintenance run on schedules, the dumps when the plan says", () => {
  const jobs = scheduledJobs(plan({}));
  expect(jobs.map(({ name, schedule, args }) => [name, schedule, args.join(" ")])).toEqual([
    ["dump", "20 2 * * *", "backup logical --tier logical"],
    ["dump-schema", "40 1 * * 0", "backup schema --tier schema"],
    ["drill", "0 5 * * *", "drill"],
    ["maintenance", "40 3 * * *", "maintain"],
    ["maintenance-reindex", "10 4 * * 6", "maintain --reindex"],
  ]);
});

test("schedules are the config's where it has any; a tier without one is not taken", () => {
  const own = {
    tiers: { logical: { schedule: "0 9 * * *" }, schema: { schedule: null } },
    drill: { schedule: "0 8 * * *" },
  };
  expect(names(own)).not.toContain("dump-schema");
  const schedules = Object.fromEntries(scheduledJobs(plan(own)).map(({ name, schedule }) => [name, schedule]));
  expect(schedules).toMatchObject({ dump: "0 9 * * *", drill: "0 8 * * *" });
});

test("without a schedule dumps are taken on demand only", () => {
  const own = { tiers: { logical: { schedule: null } } };
  expect(names(own)).toEqual(["dump-schema", "drill", "maintenance", "maintenance-reindex"]);
  expect(job((keys) => (keys["backup"] = own)).tiers.logical.schedule).toBeNull();
});

test("without the private key of the dumps there is no drill of them", () => {
  expect(names({})).toContain("drill");
  expect(names({ logical: { recipient } })).not.toContain("drill");
});

const jobOf = (name: JobName, withToken: boolean, change?: Parameters<typeof planFor>[0]) =>
  remoteStackFile(name, {
    input: planFor(change),
    imagePostgres: 15,
    tokens: withToken ? { iam: { region: "eu-central-1" } } : undefined,
    primary: { host: "primary.db", port: 5432 },
    dumps: { bucket: "dumps", prefix: "db", region: "eu-central-1" },
    key: { recipient },
  });

const job = (change?: Parameters<typeof planFor>[0]) => jobOf("dump", true, change);

test("without tokens a job logs in by a password, as the same login", () => {
  const auth = { passwordFile: "/etc/howdah/job-password" };
  expect(jobOf("dump", false).server).toEqual({ ...job().server, auth });
  expect(jobOf("maintenance", false).server).toMatchObject({ user: "howdah_maintenance", auth });
});

test("a job logs in by a token, with TLS, as a login that can do no more than it needs", () => {
  expect(job().server).toEqual({
    host: "primary.db",
    port: 5432,
    ca: "/etc/howdah/server-authorities.pem",
    user: "howdah_dump",
    auth: { iam: { region: "eu-central-1" } },
  });
});

test("the job file says when dumps are taken, and how long they are kept: a dump that is late is noticed", () => {
  const { schedule, kept } = planFor().backup.tiers.logical;
  expect(job().tiers.logical).toEqual({ schedule: "20 2 * * *", keptSeconds: toSeconds(kept) });
  expect(schedule).toBe("20 2 * * *");
});

test("a job knows the key that it is given, and where dumps go", () => {
  const destination = { s3: { bucket: "dumps", prefix: "db", region: "eu-central-1" } };
  expect(job().logical).toEqual({ destination, recipient });
});

test("the webhook's URL comes from a file of the pod's", () => {
  const given = job((keys) => (keys["backup"] = { notify: { urlFile: "/home/me/url", format: "slack" } }));
  expect(given.notify).toEqual({ urlFile: "/etc/howdah/notify-url", format: "slack" });
});

test("a destination of the config's own is refused: the jobs' roles reach the stack's store alone", () => {
  const problems = (logical: object) => dumpDestinationProblems(backupSchema.parse({ logical }));
  expect(problems({})).toEqual([]);
  expect(problems({ destination: { folder: "/dumps" } })).toEqual([
    expect.objectContaining({ path: ["backup", "logical", "destination"] }),
  ]);
});
