import fc from "fast-check";
import { ageIdentity, ageRecipient, identitiesIn, withEarlier } from "../../../../components/backup/age-identity";

const password = fc.stringMatching(/^[A-Za-z0-9]{48}$/);
const passwords = fc.uniqueArray(password, { minLength: 1, maxLength: 5 });
const identityOf = (one: string): string => identitiesIn(ageIdentity(one))[0] ?? "";

/** The file after a stack has had these passwords, one after the other; each may have been there for several `up`s. */
const fileAfter = (all: readonly string[]): string =>
  all.reduce((last, one) => withEarlier(ageIdentity(one), identitiesIn(last)), "");

test("a file has the present identity first, and below it every earlier one, the latest first", () => {
  fc.assert(
    fc.property(passwords, (all) => {
      expect(identitiesIn(fileAfter(all))).toEqual(all.map(identityOf).reverse());
    }),
  );
});

test("without another password the file stays as it is, to the byte", () => {
  fc.assert(
    fc.property(passwords, (all) => {
      expect(fileAfter([...all, ...all.slice(-1)])).toBe(fileAfter(all));
      expect(withEarlier(fileAfter(all), identitiesIn(fileAfter(all)))).toBe(fileAfter(all));
    }),
  );
  expect(withEarlier(ageIdentity("x"), [])).toBe(ageIdentity("x"));
});

test("what is no identity gets into no file: a broken line would keep the whole file from being read", () => {
  const other = fc.oneof(fc.string(), password, password.map((one) => `# ${identityOf(one)}`), password.map((one) => identityOf(one).slice(1))); // prettier-ignore
  fc.assert(
    fc.property(password, fc.array(other), (one, lines) => {
      expect(withEarlier(ageIdentity(one), lines)).toBe(ageIdentity(one));
    }),
  );
});

test("without a password there is no key: anybody could make it", () => {
  // What Pulumi hands over of a resource that an `up --target` leaves out.
  const none = undefined as unknown as string;
  expect(() => ageIdentity(none)).toThrow("--target");
  expect(() => ageRecipient(none)).toThrow("--target");
});
