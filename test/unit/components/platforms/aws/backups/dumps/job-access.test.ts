import {
  dumpPrefix,
  drillPrefix,
  jobStatements,
  type JobTargets,
  latestDrill,
} from "../../../../../../../components/platforms/aws/backups/dumps/job-access";
import type { Statement } from "../../../../../../../components/platforms/aws/identity/policy-document";
import type { JobName } from "../../../../../../../components/ports";

const targets: JobTargets = {
  account: "123456789012",
  region: "eu-central-1",
  bucketArn: "arn:aws:s3:::bucket",
  keyArn: "arn:aws:kms:eu-central-1:123456789012:key/1",
  resourceIds: ["db-ONE", "db-TWO"],
};
const jobs: readonly JobName[] = ["dump", "drill", "maintenance", "metrics"];

/** A small reading of IAM: an explicit deny wins, and nothing is allowed by itself. */
function allows(job: JobName, action: string, resource: string): boolean {
  const matches = ({ actions, resources = [] }: Statement): boolean =>
    actions.includes(action) &&
    resources.some((pattern) => new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", ".*")}$`).test(resource));
  const found = jobStatements(job, targets).filter(matches);
  return found.length > 0 && found.every(({ effect }) => effect !== "Deny");
}

const object = (key: string): string => `arn:aws:s3:::bucket/${key}`;
const login = (id: string, role: string): string => `arn:aws:rds-db:eu-central-1:123456789012:dbuser:${id}/${role}`;

const dump = object(`${dumpPrefix}/app-20261125T160512Z-dump.dump.age`);
const manifest = object(`${dumpPrefix}/app-20261125T160512Z-dump.json`);
const record = object(latestDrill);
const elsewhere = object("elsewhere/x");

test.each<{ job: JobName; action: string; on: string; allowed: boolean }>([
  { job: "dump", action: "s3:PutObject", on: dump, allowed: true },
  { job: "dump", action: "s3:GetObject", on: dump, allowed: true },
  { job: "dump", action: "s3:DeleteObject", on: dump, allowed: true },
  { job: "dump", action: "s3:ListBucket", on: targets.bucketArn, allowed: true },
  { job: "dump", action: "s3:PutObject", on: record, allowed: false },
  { job: "dump", action: "s3:DeleteObject", on: record, allowed: false },
  { job: "dump", action: "s3:PutObject", on: elsewhere, allowed: false },
  { job: "dump", action: "s3:DeleteObjectVersion", on: dump, allowed: false },
  { job: "dump", action: "s3:BypassGovernanceRetention", on: dump, allowed: false },
  { job: "dump", action: "rds-db:connect", on: login("db-ONE", "howdah_dump"), allowed: true },
  { job: "dump", action: "rds-db:connect", on: login("db-TWO", "howdah_dump"), allowed: true },
  { job: "dump", action: "rds-db:connect", on: login("db-ONE", "howdah_maintenance"), allowed: false },
  { job: "dump", action: "rds-db:connect", on: login("db-OTHER", "howdah_dump"), allowed: false },
  { job: "drill", action: "s3:GetObject", on: dump, allowed: true },
  { job: "drill", action: "s3:PutObject", on: record, allowed: true },
  { job: "drill", action: "s3:PutObject", on: dump, allowed: false },
  { job: "drill", action: "s3:DeleteObject", on: dump, allowed: false },
  { job: "drill", action: "rds-db:connect", on: login("db-ONE", "howdah_dump"), allowed: false },
  { job: "metrics", action: "s3:GetObject", on: manifest, allowed: true },
  { job: "metrics", action: "s3:GetObject", on: record, allowed: true },
  { job: "metrics", action: "s3:GetObject", on: dump, allowed: false },
  { job: "metrics", action: "s3:PutObject", on: record, allowed: false },
  { job: "maintenance", action: "rds-db:connect", on: login("db-ONE", "howdah_maintenance"), allowed: true },
  { job: "maintenance", action: "rds-db:connect", on: login("db-ONE", "howdah_dump"), allowed: false },
  { job: "maintenance", action: "s3:GetObject", on: dump, allowed: false },
  { job: "maintenance", action: "s3:ListBucket", on: targets.bucketArn, allowed: false },
])("the $job job: $action of $on is allowed: $allowed", ({ job, action, on, allowed }) => {
  expect(allows(job, action, on)).toBe(allowed);
});

test("the reading of a policy can fail: an allowed wildcard would show", () => {
  const wide = jobStatements("metrics", { ...targets, bucketArn: "*" });
  expect(wide.some(({ resources = [] }) => resources.includes("*"))).toBe(true);
});

test.each(jobs)("the %s job has no wildcard but the end of a key", (job) => {
  for (const { actions, resources = [] } of jobStatements(job, targets)) {
    for (const action of actions) expect(action).not.toContain("*");
    for (const resource of resources) expect(resource).toMatch(/^[^*]+(\/dumps\/(drills\/)?\*(\.json)?)?$/);
  }
});

test.each(jobs)("the %s job uses the key through S3 only", (job) => {
  const uses = jobStatements(job, targets).filter(({ actions }) => actions.some((action) => action.startsWith("kms:")));
  for (const { resources, conditions } of uses) {
    expect(resources).toEqual([targets.keyArn]);
    expect(conditions).toEqual({ StringEquals: { "kms:ViaService": "s3.eu-central-1.amazonaws.com" } });
  }
});

test("a drill's record lies below the dumps, where the drill's store writes it", () => {
  expect(latestDrill).toBe(`${drillPrefix}/latest.json`);
  expect(drillPrefix.startsWith(`${dumpPrefix}/`)).toBe(true);
});
