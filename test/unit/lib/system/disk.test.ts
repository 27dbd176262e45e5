import { tmpdir } from "node:os";
import { join } from "node:path";
import { diskHint, diskOf } from "../../../../lib/system/disk";

describe("the disk of a path", () => {
  test("is that of the nearest folder which is there", async () => {
    const { size } = await diskOf(tmpdir());
    expect(size).toBeGreaterThan(0);
    expect((await diskOf(join(tmpdir(), "absent", "deeper"))).size).toBe(size);
  });

  test("is hinted at where nothing is free, and not elsewhere", async () => {
    // procfs holds nothing and has no room.
    expect(await diskHint("/proc/self")).toBe(
      "the disk of /proc/self is full: 0 MB of 0 MB are free; make room and run `up` again\n",
    );
    expect(await diskHint(tmpdir())).toBe("");
  });

  test("is no folder's where a file is in the way", async () => {
    await expect(diskOf(join(__filename, "below"))).rejects.toThrow("ENOTDIR");
  });
});
