import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { guardFiles, placeGuards, removeGuards } from "../../../../setup/packages/apt";

/** A machine with or without a policy of its own. */
function machine(policy?: string): { root: string } & ReturnType<typeof guardFiles> {
  const root = mkdtempSync(join(tmpdir(), "apt-"));
  const files = guardFiles(root);
  mkdirSync(dirname(files.policy), { recursive: true });
  if (policy !== undefined) writeFileSync(files.policy, policy);
  return { root, ...files };
}

describe("guards while packages are installed", () => {
  test("deny every service and the default cluster", () => {
    const { root, policy, cluster } = machine();
    placeGuards(root);
    expect(() => execFileSync(policy, ["etcd", "start"])).toThrow(/Command failed/);
    expect(readFileSync(cluster, "utf8")).toBe("create_main_cluster = false\n");
  });

  test.each([undefined, "the machine's own"])("leave nothing behind (policy before: %s)", (own) => {
    const { root, policy, saved, cluster } = machine(own);
    placeGuards(root);
    removeGuards(root);
    expect(existsSync(policy) ? readFileSync(policy, "utf8") : undefined).toBe(own);
    expect([saved, cluster].filter((path) => existsSync(path))).toEqual([]);
  });

  test("give the machine's own policy back after a run that was killed", () => {
    const { root, policy } = machine("own");
    placeGuards(root);
    placeGuards(root);
    removeGuards(root);
    expect(readFileSync(policy, "utf8")).toBe("own");
  });

  test("survive being killed between any two steps of the removal", () => {
    const { root, policy, saved, cluster } = machine("own");
    placeGuards(root);
    rmSync(cluster);
    removeGuards(root);
    expect(readFileSync(policy, "utf8")).toBe("own");
    renameSync(policy, saved);
    removeGuards(root);
    expect(readFileSync(policy, "utf8")).toBe("own");
  });

  test("do not touch a policy when there is nothing to undo", () => {
    const { root, policy } = machine("own");
    removeGuards(root);
    expect(readFileSync(policy, "utf8")).toBe("own");
  });
});
