import fc from "fast-check";
import {
  type Answer,
  calmAfter,
  fullTries,
  judge,
  type Probe,
  type Memory,
  nothingKnown,
  type Step,
} from "../../../../cli/guard/judge";

/** Steps that a row of looks leads to. */
function stepsOf(looks: readonly Probe[], tries = 3): Step[] {
  let memory: Memory = nothingKnown;
  return looks.map((probe) => {
    const verdict = judge(memory, probe, tries);
    memory = verdict.memory;
    return verdict.step;
  });
}

const row = (count: number, answer: Answer, more: Partial<Probe> = {}): Probe[] =>
  Array.from({ length: count }, () => ({ server: "1", answer, ran: false, ...more }));

const acted = (steps: readonly Step[]): Step[] => steps.filter((step) => step !== "none");

const anyLook = fc.record({
  server: fc.constantFrom("1", "2"),
  answer: fc.constantFrom<Answer>("good", "full", "refused", "silent"),
  ran: fc.boolean(),
});

test("a server that neither answers nor runs is ended at the last of the tries", () => {
  expect(stepsOf(row(3, "silent"))).toEqual(["none", "none", "end server"]);
});

test.each<[string, Probe[]]>([
  ["answers", row(50, "good")],
  ["refuses", row(50, "refused")],
  ["leaves questions unanswered and runs, for the machine is overloaded", row(50, "silent", { ran: true })],
  ["answers in between", Array.from({ length: 20 }, () => [...row(2, "silent"), ...row(1, "good")]).flat()],
  [
    "ran in between",
    Array.from({ length: 20 }, () => [...row(2, "silent"), ...row(1, "silent", { ran: true })]).flat(),
  ],
  [
    "is another process each second time",
    Array.from({ length: 20 }, (_, at) => row(2, "silent", { server: String(at) })).flat(),
  ],
  ["is full for a moment", [...row(fullTries - 1, "full"), ...row(calmAfter, "good"), ...row(fullTries - 1, "full")]],
])("a server is left alone that %s", (_what, looks) => {
  expect(acted(stepsOf(looks))).toEqual([]);
});

test("of a full table of locks the largest holders are ended first, then all clients, then the server", () => {
  expect(acted(stepsOf(row(3 * fullTries, "full")))).toEqual(["end holders", "end clients", "end server"]);
});

test("a table that is full again at once is acted on at once", () => {
  const steps = stepsOf([...row(fullTries, "full"), ...row(calmAfter - 1, "good"), ...row(1, "full")]);
  expect(steps.at(-1)).toBe("end holders");
});

test("a table that stays full whatever server is ended costs no second server soon", () => {
  const steps = acted(
    stepsOf(Array.from({ length: 5 }, (_, at) => row(3 * fullTries, "full", { ran: true, server: String(at) })).flat()),
  );
  expect(steps.filter((step) => step === "end server")).toHaveLength(1);
});

test("a server is never ended but after the tries in a row of the same process", () => {
  fc.assert(
    fc.property(fc.array(anyLook, { maxLength: 60 }), fc.integer({ min: 1, max: 5 }), (looks, tries) => {
      const steps = stepsOf(looks, tries);
      steps.forEach((step, at) => {
        if (step !== "end server" || looks[at]!.answer !== "silent") return;
        const last = looks.slice(at - tries + 1, at + 1);
        expect(last).toHaveLength(tries);
        // A refusal or a good answer in between would start the count again.
        expect(new Set(last.map(({ server }) => server)).size).toBe(1);
        expect(last.filter(({ answer }) => answer === "good" || answer === "refused")).toEqual([]);
        expect(last.filter(({ answer, ran }) => answer === "silent" && ran)).toEqual([]);
      });
    }),
  );
});

test("sessions are never ended without a full table", () => {
  const noFull = fc.array(
    anyLook.filter(({ answer }) => answer !== "full"),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(noFull, (looks) => {
      expect(stepsOf(looks)).not.toContain("end holders");
      expect(stepsOf(looks)).not.toContain("end clients");
    }),
  );
});
