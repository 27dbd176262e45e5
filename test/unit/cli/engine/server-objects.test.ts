import { readExport, withoutServerObjects, type StateExport } from "../../../../cli/engine/server-objects";

const resource = (name: string, type: string, more: object = {}): object => ({ urn: `urn:${name}`, type, ...more });

const state = (): StateExport =>
  readExport(
    JSON.stringify({
      version: 3,
      deployment: {
        secrets_providers: { type: "passphrase" },
        resources: [
          resource("cluster", "host:index:Cluster", { outputs: { password: { ciphertext: "x" } } }),
          resource("provider", "pulumi:providers:postgresql"),
          resource("role", "postgresql:index/role:Role", { dependencies: ["urn:cluster"] }),
          resource("pooler", "host:index:Service", {
            dependencies: ["urn:cluster", "urn:role"],
            propertyDependencies: { command: ["urn:role"], port: ["urn:cluster"] },
            deletedWith: "urn:role",
          }),
        ],
        pending_operations: [{ type: "creating" }],
      },
    }),
  );

describe("a state without the objects inside the server", () => {
  const kept = withoutServerObjects(state());

  test("has no resource of the server's provider and no open operation", () => {
    expect(kept.deployment.resources?.map(({ urn }) => urn)).toEqual(["urn:cluster", "urn:pooler"]);
    expect(kept.deployment.pending_operations).toEqual([]);
  });

  test("mentions none of them anywhere, so that the engine's integrity check holds", () => {
    expect(JSON.stringify(kept)).not.toMatch(/urn:(role|provider)/);
    expect(JSON.stringify(state())).toMatch(/urn:role/);
  });

  test("keeps everything else as it was", () => {
    expect(kept.deployment.resources?.[0]).toEqual(state().deployment.resources?.[0]);
    expect(kept.deployment.resources?.[1]?.propertyDependencies).toEqual({ command: [], port: ["urn:cluster"] });
    expect(kept).toMatchObject({ version: 3, deployment: { secrets_providers: { type: "passphrase" } } });
  });

  test("is unchanged by a second pass", () => {
    expect(withoutServerObjects(kept)).toEqual(kept);
  });
});
