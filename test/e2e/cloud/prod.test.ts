import { cases, holdsData, lines, majorUpgrade, planWith } from "./cases";

const { stack, server } = cases("prod", "aws:backup/vault:Vault");

test("once RDS has rotated the administrator's password, the program has to run for a look at the roles", async () => {
  await server().rotate();
  await expect(stack().plan("--refresh")).rejects.toThrow(/password authentication failed/);
  // Those that log in as the administrator.
  const users = [
    "update access-extension-app-pg_stat_statements",
    "update access-server",
    "update cloud-lookup-app",
    "update cloud-monitoring",
    "update cloud-sessions",
  ];
  expect(lines(await stack().plan("--refresh", "--run-program"))).toEqual(users);
  await stack().up();
  expect(await stack().plan("--refresh")).toEqual([]);
});

test("a major upgrade replaces and deletes nothing that holds data", async () => {
  const steps = await planWith(stack(), majorUpgrade);
  expect(lines(steps)).toContain("update cloud-servers-cluster");
  expect(steps.filter(({ op, type }) => op !== "update" && holdsData.has(type))).toEqual([]);
});

// The control of the one above: this plan does replace.
test("another network replaces what cannot move, and the preview says so", async () => {
  const steps = await planWith(stack(), ({ aws }) => {
    aws!["network"] = { ...(aws!["network"] as object), cidr: "10.40.0.0/20" };
  });
  expect(steps.filter(({ op, type }) => op === "replace" && type === "aws:ec2/vpc:Vpc")).toHaveLength(1);
});

test("its servers keep their names when one class takes the place of another", async () => {
  const steps = await planWith(stack(), ({ aws }) => (aws!["instanceClass"] = "db.r6gd.4xlarge"));
  expect(lines(steps)).toEqual([
    "update cloud-servers-cluster",
    "update cloud-servers-postgres15",
    // Load is counted by processor.
    "update workloads-collector-rules",
  ]);
});
