import fc from "fast-check";
import { versionNotice } from "../../../../../../components/platforms/aws/rds/servers";

test("nothing is said of the version that the config names", () => {
  expect(versionNotice("15.14", "15.14")).toBeUndefined();
  expect(versionNotice("15.14", "15.14-R2")).toBeUndefined();
  expect(versionNotice("15.14", "unknown")).toBeUndefined();
});

test.each([
  ["15.14", "15.15", "newer"],
  ["15.9", "15.10", "newer"],
  ["15.14", "16.1", "newer"],
  ["15.10", "15.9", "older"],
  ["16.1", "15.14", "older"],
])("%s in the config and %s on the servers: %s", (configured, running, word) => {
  expect(versionNotice(configured, running)).toContain(`${word} than howdah:aws.engineVersion "${configured}"`);
});

test("of two different versions, one is newer seen from either side", () => {
  const version = fc.tuple(fc.integer({ min: 14, max: 18 }), fc.integer({ min: 0, max: 40 }));
  fc.assert(
    fc.property(version, version, ([a, b], [c, d]) => {
      const words = [versionNotice(`${a}.${b}`, `${c}.${d}`), versionNotice(`${c}.${d}`, `${a}.${b}`)];
      const same = a === c && b === d;
      expect(words.map((text) => /newer|older/.exec(text ?? "")?.[0]).sort()).toEqual(
        same ? [undefined, undefined] : ["newer", "older"],
      );
    }),
  );
});
