import { mkdtempSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { identity, isHeld, withLock } from "../../../lib/lock";

const folder = (): string => mkdtempSync(join(tmpdir(), "tools-"));

describe("locks between setups", () => {
  test("let one body run at a time and are gone afterwards", async () => {
    const path = join(folder(), "lock");
    let running = 0;
    const body = async (): Promise<void> => {
      expect(++running).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 20));
      running--;
    };
    await Promise.all([withLock(path, () => undefined, body), withLock(path, () => undefined, body)]);
    expect(() => statSync(path)).toThrow(/ENOENT/);
  });

  test("are taken over from a dead process, and from another one that has got its pid", async () => {
    const path = join(folder(), "lock");
    for (const holder of ["999999999 1", `${process.pid} 1`]) {
      writeFileSync(path, holder);
      expect(isHeld(holder)).toBe(false);
      await expect(
        withLock(
          path,
          () => undefined,
          () => Promise.resolve("in"),
        ),
      ).resolves.toBe("in");
    }
    expect(isHeld(identity(process.pid))).toBe(true);
  });

  test("are released when the body fails", async () => {
    const path = join(folder(), "lock");
    await expect(
      withLock(
        path,
        () => undefined,
        () => Promise.reject(new Error("no")),
      ),
    ).rejects.toThrow("no");
    expect(() => statSync(path)).toThrow(/ENOENT/);
  });
});
