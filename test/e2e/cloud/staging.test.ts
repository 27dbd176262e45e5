import { identitiesIn } from "../../../components/backup/age-identity";
import { keyFileOf, withFormerSeed } from "../../support/clouds/former-seed";
import { cases, holdsData, instance, type Keys, lines, majorUpgrade, planWith } from "./cases";

const { stack } = cases("staging", instance);

test.each<[string, (keys: Keys) => void, string[]]>([
  [
    "another instance class",
    ({ aws }) => (aws!["instanceClass"] = "db.r7g.xlarge"),
    [
      "update cloud-backups-restore-test-selection",
      "update cloud-servers-postgres15",
      "update cloud-servers-primary",
      "update cloud-servers-replica1",
      // Alerts follow from its CPUs.
      "update workloads-collector-rules",
      // It keeps prepared statements by the memory of the servers.
      "update workloads-pooler-configuration",
    ],
  ],
  [
    "more storage",
    ({ aws }) => (aws!["storage"] = { size: "200 GB", maximum: "900 GB" }),
    // temp_file_limit follows the storage.
    ["update cloud-servers-postgres15", "update cloud-servers-primary", "update cloud-servers-replica1"],
  ],
  [
    "a parameter",
    ({ postgres }) => (postgres!["parameters"] = { log_min_duration_statement: "500 ms" }),
    ["update cloud-servers-postgres15"],
  ],
  [
    "a rotated password",
    ({ databases }) => {
      const { app } = (databases!["app"] as { applications: Record<string, Record<string, unknown>> }).applications;
      app!["rotations"] = 1;
    },
    [
      "create access-login-app_b-password",
      "create access-login-app_b-salt",
      "create access-role-app_b",
      "update cloud-lookup-app",
      "update cloud-secrets-app-value",
      // The mark of the logins' settings, among them those of the new login.
      "update workloads-pooler-configuration",
    ],
  ],
  [
    "one more replica",
    ({ postgres }) => (postgres!["replicas"] = 2),
    [
      "update cloud-backups-drill-policy",
      "update cloud-backups-dump-policy",
      "update cloud-backups-maintenance-policy",
      "update cloud-backups-metrics-policy",
      "create cloud-records-instance-howdah-cloud-staging-replica2-postgresql",
      "create cloud-records-instance-howdah-cloud-staging-replica2-upgrade",
      "create cloud-servers-replica2",
      "update workloads-collector-file",
      "update workloads-collector-pod",
      "update workloads-collector-rules",
      "update workloads-pooler-configuration",
      "update workloads-pooler-secrets",
    ],
  ],
])("%s is exactly its operations", async (_what, change, expected) => {
  expect(lines(await planWith(stack(), change))).toEqual(expected);
});

test("a tag changes what has tags, and makes and deletes nothing", async () => {
  const steps = await planWith(stack(), ({ aws }) => (aws!["tags"] = { ...(aws!["tags"] as object), owner: "me" }));
  expect(steps.length).toBeGreaterThan(10);
  expect(steps.filter(({ op }) => op !== "update")).toEqual([]);
  const other = steps.filter(({ type, properties }) => type.startsWith("aws:") && properties.join() !== "tagsAll");
  expect(other).toEqual([]);
});

test("changes behind its back show with a refresh, and up repairs them", async () => {
  const { world } = stack();
  const [budget] = world.all("kubernetes:policy/v1:PodDisruptionBudget");
  world.remove(budget!);
  world.edit(instance, "cloud-servers-primary", { backupRetentionPeriod: 1 });
  // Storage that has grown by itself, and a minor version that AWS has installed, are no drift.
  world.edit(instance, "cloud-servers-primary", { allocatedStorage: 150, engineVersionActual: "15.15" });
  expect(await stack().plan()).toEqual([]);
  const found = await stack().plan("--refresh");
  expect(lines(found)).toEqual(["update cloud-servers-primary", `create ${budget!.name}`]);
  expect(found[0]?.properties).toEqual(["backupRetentionPeriod"]);
  await stack().up("--refresh");
  expect(world.all("kubernetes:policy/v1:PodDisruptionBudget")).toHaveLength(1);
  expect(await stack().plan("--refresh")).toEqual([]);
});

test("a key made of a protected seed is followed by another one, stays below it, and the seed leaves the state by itself", async () => {
  const { world } = stack();
  const seed = "workloads-jobs-dumps-seed";
  const former = await withFormerSeed(stack());
  const steps = lines(await stack().plan());
  expect(steps).toEqual(expect.arrayContaining([`create ${seed}`, "update workloads-jobs-dumps-key"]));
  expect(steps.filter((step) => !step.startsWith("update "))).toEqual([`create ${seed}`]);
  await stack().up("--refresh");
  const file = await keyFileOf(stack());
  expect(identitiesIn(file)).toEqual([expect.not.stringContaining(former), former]);
  const held = () => world.one("kubernetes:core/v1:Secret", "workloads-jobs-dumps-key").state["stringData"];
  expect(held()).toEqual({ "dumps.key": file });
  expect(await stack().plan()).toEqual([expect.objectContaining({ op: "delete", name: seed })]);
  await stack().up();
  expect(await stack().plan("--refresh")).toEqual([]);
  expect([await keyFileOf(stack()), held()]).toEqual([file, { "dumps.key": file }]);
  const state = JSON.stringify(await stack().json("stack", "export"));
  expect(state).toContain(`RandomPassword::${seed}`);
  expect(state).not.toMatch(new RegExp(`RandomBytes::${seed}|AGE-SECRET-KEY`));
});

test("a major upgrade keeps every server, its data and its old parameter group", async () => {
  const { world } = stack();
  const kept = () => world.all().filter(({ type }) => holdsData.has(type)).map(({ type, id }) => `${type} ${id}`).sort();
  const before = kept();
  majorUpgrade(stack().config as Keys);
  await stack().up();
  expect(kept()).toEqual(before);
  expect(world.one(instance, "cloud-servers-primary").state).toMatchObject({ engineVersionActual: "16.10" });
  const groups = world.all("aws:rds/parameterGroup:ParameterGroup").map(({ state }) => state["family"]);
  expect(groups.sort()).toEqual(["postgres15", "postgres16"]);
}); // prettier-ignore
