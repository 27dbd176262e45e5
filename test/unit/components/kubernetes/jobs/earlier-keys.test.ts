import fc from "fast-check";
import { ageIdentity, formerIdentity, identitiesIn, withEarlier } from "../../../../../components/backup/age-identity";
import { keysIn, type Recorded } from "../../../../../components/kubernetes/jobs/earlier-keys";

const bytes = (fill: string): string => Buffer.alloc(32, fill).toString("base64");
const seed = bytes("seed");
const former = formerIdentity(seed);
const formerFile = `# Opens the dumps of this stack: keep a copy elsewhere.\n${former}\n`;
const present = ageIdentity("x".repeat(48));
const identities = identitiesIn(present);

const start = "urn:pulumi:prod::howdah::";
const jobs = `${start}howdah:kubernetes:Workloads$howdah:kubernetes:Jobs$`;
const stackWith = (outputs: Record<string, unknown>): Recorded => ({
  [`${start}pulumi:pulumi:Stack::howdah-prod`]: { type: "pulumi:pulumi:Stack", outputs },
});
const bytesAt = (urn: string): Recorded => ({
  [urn]: { type: "random:index/randomBytes:RandomBytes", outputs: { base64: seed } },
});
const seedInState = bytesAt(`${jobs}random:index/randomBytes:RandomBytes::workloads-jobs-dumps-seed`);
const salt = bytesAt(`${start}howdah:postgres:Access$random:index/randomBytes:RandomBytes::access-login-app-salt`);

test.each<[string, Recorded, ReturnType<typeof keysIn>]>([
  ["nothing", {}, { identities: [], formerSeed: false }],
  ["a stack without outputs", stackWith({}), { identities: [], formerSeed: false }],
  ["a key that is not kept", stackWith({ backupKey: "# not kept here\n" }), { identities: [], formerSeed: false }],
  ["its present key", { ...stackWith({ backupKey: present }), ...salt }, { identities, formerSeed: false }],
  ["the former seed", { ...stackWith({ backupKey: formerFile }), ...seedInState }, { identities: [former], formerSeed: true }],
  [
    "the former seed, and a key that has followed without keeping the earlier one",
    { ...stackWith({ backupKey: present }), ...seedInState },
    { identities: [...identities, former], formerSeed: true },
  ],
  [
    "the former seed, and both keys",
    { ...stackWith({ backupKey: withEarlier(present, [former]) }), ...seedInState },
    { identities: [...identities, former], formerSeed: false },
  ],
  [
    "both keys",
    stackWith({ backupKey: withEarlier(present, [former]) }),
    { identities: [...identities, former], formerSeed: false },
  ],
])("a state with %s", (_what, recorded, expected) => {
  expect(keysIn(recorded)).toEqual(expected);
}); // prettier-ignore

test("from any state, the seed is left out only once the output has had its identity below another, and no identity is lost", () => {
  const outputs = fc.record(
    { backupKey: fc.oneof(fc.constantFrom("", formerFile, present, withEarlier(present, [former])), fc.anything()) },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(outputs, fc.boolean(), (known, hasSeed) => {
      let state = { ...stackWith(known), ...(hasSeed ? seedInState : {}) };
      const found = keysIn(state).identities;
      for (let ups = 0; ups < 3; ups++) {
        const { identities: earlier, formerSeed } = keysIn(state);
        state = { ...stackWith({ backupKey: withEarlier(present, earlier) }), ...(formerSeed ? seedInState : {}) };
      }
      const converged = keysIn(state);
      expect(converged.formerSeed).toBe(false);
      expect(state).not.toMatchObject(seedInState);
      expect(converged.identities).toEqual(expect.arrayContaining([...found, ...(hasSeed ? [former] : [])]));
    }),
  );
});
