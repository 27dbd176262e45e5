import fc from "fast-check";
import { lagProblem } from "../../../../cli/routing/health";
import { next, unknown, type Vote } from "../../../../cli/routing/vote";

const looks = fc.array(fc.boolean());
const problemOf = (good: boolean): string | undefined => (good ? undefined : "down");
const voteAfter = (list: readonly boolean[]): Vote | undefined =>
  list.reduce<Vote | undefined>(
    (vote, good) => (vote === undefined ? unknown(problemOf(good)) : next(vote, problemOf(good))),
    undefined,
  );

test("two looks in a row decide, whatever was before", () => {
  fc.assert(fc.property(looks, fc.boolean(), (before, good) => voteAfter([...before, good, good])?.healthy === good));
});

test("one look that differs decides nothing", () => {
  fc.assert(
    fc.property(looks, fc.boolean(), (before, good) => voteAfter([...before, good, good, !good])?.healthy === good),
  );
});

test.each([
  [{ seconds: 4, bytes: undefined }, { maximumLagSeconds: 5 }, undefined],
  [{ seconds: 6, bytes: undefined }, { maximumLagSeconds: 5 }, "6 seconds behind"],
  [{ seconds: undefined, bytes: 0 }, { maximumLagSeconds: 5 }, "its lag in seconds is unknown"],
  [{ seconds: undefined, bytes: 0 }, { maximumLagBytes: 5 }, undefined],
  [{ seconds: 0, bytes: 9 }, { maximumLagSeconds: 5, maximumLagBytes: 5 }, "9 bytes behind"],
])("a lag of %j with the limits %j is %s", (lag, limits, problem) => {
  expect(lagProblem(lag, limits)).toBe(problem);
});
