import { writeFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import * as kms from "@pulumi/aws/kms";
import * as rds from "@pulumi/aws/rds";
import { AwsBackups } from "../../components/platforms/aws/backups/backups";
import { keyPolicy } from "../../components/platforms/aws/key-policy";
import { awsSchema } from "../../components/platforms/aws/schema";
import { backupPlan } from "../../components/backup/plan";
import { backupSchema } from "../../components/backup/schema";
import { graphOf, clear } from "../support/graph";

const account = "123456789012";
const variants: Record<string, object> = {
  full: { secondRegion: "eu-west-1", vault: { lock: "compliance", lockDays: 14 } },
  plain: { deletionProtection: false },
  aurora: { secondRegion: "eu-west-1", topology: "aurora", vault: { lock: "governance" }, identity: { podIdentityCluster: "prod" } },
  cluster: { secondRegion: "eu-west-1", topology: "rds-cluster" },
};
const serverArn = (topology: string) => topology === "rds-instance" ? `arn:aws:rds:eu-central-1:${account}:db:howdah-prod` : `arn:aws:rds:eu-central-1:${account}:cluster:howdah-prod`;
test.each(Object.keys(variants))("%s", async (variant) => {
  const settings = awsSchema.parse({ account, region: "eu-central-1", instanceClass: "db.r6g.large", engineVersion: "15.14", network: { cidr: "10.0.0.0/16" },
    identity: { issuer: "oidc.example.com/id/ABC" }, keyAdministrators: [`arn:aws:iam::${account}:root`.replace(":root", ":role/admin")], ...variants[variant] });
  const { registrations } = await graphOf(() => {
    const home = new kms.Key("home", { enableKeyRotation: true });
    const copy = settings.secondRegion === undefined ? undefined : new kms.Key("copy", { region: settings.secondRegion, enableKeyRotation: true });
    const server = settings.topology === "rds-instance"
      ? new rds.Instance("server", { engine: "postgres", instanceClass: "db.r6g.large", allocatedStorage: 20, username: "x", password: "yyyyyyyyyyyy", skipFinalSnapshot: true, identifier: "howdah-prod", backupRetentionPeriod: 30, storageEncrypted: true, kmsKeyId: home.arn }).arn
      : serverArn(settings.topology);
    const b = new AwsBackups("backups", { stack: "prod", settings, backup: backupPlan(backupSchema.parse({}), "production"), keyArn: home.arn, copyKeyArn: copy?.arn,
      protects: [{ name: "primary", kind: settings.topology === "rds-instance" ? "instance" : "cluster", arn: server }], resourceIds: ["db-ABC"], place: { subnetGroupName: "private", securityGroupIds: ["sg-0123456789abcdef0"] } });
    for (const job of ["dump", "drill", "maintenance", "metrics"] as const) b.identity(job, { namespace: "howdah", serviceAccount: job });
  }, false, { "aws:s3/getObjects:getObjects": () => ({ keys: [] }) });
  const types = new Set(registrations.filter((r) => r.type.startsWith("aws:")).map((r) => r.name));
  const fix = (v: unknown): unknown => typeof v === "string" ? v.replace(/^(.*)-id$/, (m, n: string) => types.has(n) ? "${" + n + ".id}" : m) : Array.isArray(v) ? v.map(fix) : typeof v === "object" && v !== null ? Object.fromEntries(Object.entries(v).map(([k, x]) => [k, fix(x)])) : v;
  const resources = registrations.map(({ type, name, inputs, dependencies, parent }) => ({ type, name, inputs: fix(clear(inputs)), dependsOn: dependencies, parent }));
  writeFileSync(`/tmp/backup-graph-${variant}.json`, JSON.stringify({ resources }, undefined, 1));
});
