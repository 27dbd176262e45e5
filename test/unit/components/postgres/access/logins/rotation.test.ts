import fc from "fast-check";
import { currentLogin, loginsOf } from "../../../../../../components/postgres/access/logins/rotation";

const rotations = fc.integer({ min: 0, max: 1000 });
const versions = (count: number) => new Map(loginsOf("app", count).map((one) => [one.role, one.passwordVersion]));

test("an application has one login until its first rotation", () => {
  expect(loginsOf("app", 0)).toEqual([{ role: "app", passwordVersion: 0 }]);
  expect(currentLogin("app", 0)).toBe("app");
});

test("a rotation gives a new password to the login that was not in use, puts it into use, and leaves the other alone", () => {
  fc.assert(
    fc.property(rotations, (count) => {
      const [used, next] = [currentLogin("app", count), currentLogin("app", count + 1)];
      const [before, after] = [versions(count), versions(count + 1)];
      expect(next).not.toBe(used);
      expect(after.get(used)).toBe(before.get(used));
      expect(after.get(next)).toBe((before.get(next) ?? 0) + 1);
    }),
  );
});

test("the login in use is always one that there is", () => {
  fc.assert(fc.property(rotations, (count) => versions(count).has(currentLogin("app", count))));
});
