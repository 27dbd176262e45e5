import type { Keys } from "./cases";
import { masterPasswordVariable } from "../../simulation/aws/invokes";
import { CloudStack, configOf } from "../../support/clouds/cloud-stack";
import { adopt, changesOf, earlierState, type EarlierState, losses, withResources } from "../../support/earlier-state";

jest.setTimeout(600_000);

// Of the server that the stacks were made on; there is none now, and a preview needs none.
const administration = { host: "localhost", port: 15_432 };
process.env[masterPasswordVariable] = "of-the-master-user";

/** What an `up` does to a stack made at cf5cc52, by the reason for it. A change that does more to a stack that is there adds its lines. */
const expected: Readonly<Record<string, readonly string[]>> = {
  "aed086a: the administrator's sessions keep to settings of their own": ["create cloud-sessions"],
  "every database has pg_stat_statements, in the schema of extensions": [
    "create access-extension-app-pg_stat_statements",
    "create access-grant-app-schema-extensions-app_owner",
    "create access-grant-app-schema-extensions-app_readonly",
    "create access-grant-app-schema-extensions-howdah_backup",
    "create access-grant-app-schema-extensions-howdah_monitoring",
    "create access-schema-app-extensions",
  ],
  "a PgBouncer that keeps prepared statements: its file, and what is left for work_mem": [
    "update cloud-servers-postgres15: parameters",
    "update workloads-pooler-configuration: data",
  ],
};

let stack: CloudStack | undefined;
afterEach(() => stack?.remove());

/** A stack with that state, in a world that has what the state names. */
async function takenOver(name: "staging" | "prod", state: EarlierState): Promise<CloudStack> {
  const config = configOf(name) as Keys;
  const made = new CloudStack(`cloud-${name}`, { ...config, aws: { ...config["aws"], administration } });
  stack = made;
  await made.start();
  for (const { type, id = "", urn, external, outputs = {} } of state.deployment.resources)
    if (/^(aws|kubernetes):/.test(type) && external !== true)
      made.world.put({ type, id, name: urn.split("::")[3] ?? "", place: "of the fixture", seed: "", state: outputs });
  await adopt(made, state, made.root);
  return made;
}

test.each(["staging", "prod"] as const)("%s of an earlier commit is taken over, and loses nothing", async (name) => {
  const changes = await changesOf(await takenOver(name, earlierState(name)));
  expect(losses(changes)).toEqual([]);
  expect(changes).toEqual(Object.values(expected).flat().sort());
});

test("control: a property of the record that no longer fits is found", async () => {
  const differing = withResources(earlierState("staging"), (resource) =>
    resource.type === "aws:rds/instance:Instance"
      ? {
          ...resource,
          inputs: { ...resource.inputs, storageEncrypted: false },
          outputs: { ...resource.outputs, storageEncrypted: false },
        }
      : resource,
  );
  // AWS would make another instance, which the protection refuses.
  await expect(changesOf(await takenOver("staging", differing))).rejects.toThrow(
    /unable to replace resource .*cloud-servers-primary/,
  );
});
