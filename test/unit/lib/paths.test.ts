import { locations } from "../../../lib/paths";

describe("locations", () => {
  test("follow the XDG specification, and /var/lib for root", () => {
    const user = { uid: 1000, home: "/home/u" };
    expect(locations({}, user)).toMatchObject({ cache: "/home/u/.cache/howdah", root: "/home/u/.local/state/howdah" });
    expect(locations({ XDG_CACHE_HOME: "/c", XDG_STATE_HOME: "relative" }, user)).toMatchObject({
      cache: "/c/howdah",
      root: "/home/u/.local/state/howdah",
    });
    expect(locations({}, { uid: 0, home: "/root" }).root).toBe("/var/lib/howdah");
  });

  test("move the state with HOWDAH_STATE_ROOT and share the servers' programs", () => {
    const at = locations({ HOWDAH_STATE_ROOT: "/t" }, { uid: 0, home: "/root" });
    expect(at).toMatchObject({
      backend: "/t/.pulumi-state",
      passphraseFile: "/t/.passphrase",
      programs: "/var/lib/howdah/.tools",
    });
  });
});
