import { verifiedBy } from "../../../../../providers/host/resources/restore-drill";

const line = (minute: number, more: object): string =>
  JSON.stringify({ at: `2026-11-25T12:0${minute}:00.000Z`, set: "1F", checks: [], ...more });

test("the newest good drill counts, and the newest that measured the RPO", () => {
  const lines = [
    line(1, { passed: true, rtoSeconds: 3, rpoSeconds: 40 }),
    line(2, { passed: true, rtoSeconds: 4 }),
    line(3, { passed: false, rtoSeconds: 1, rpoSeconds: 1 }),
    '{"at": "2026-11-25T12:04',
  ];
  expect(verifiedBy(lines.join("\n"))).toEqual({
    lastVerifiedAt: "2026-11-25T12:02:00.000Z",
    measuredRtoSeconds: 4,
    measuredRpoSeconds: 40,
  });
});

test("without a good drill nothing is verified", () => {
  expect(verifiedBy("")).toEqual({});
  expect(verifiedBy(line(1, { passed: false, rtoSeconds: 3 }))).toEqual({});
});

test("an RPO that was not measured yet is null: an absent output is unknown in every preview", () => {
  expect(verifiedBy(line(1, { passed: true, rtoSeconds: 3 }))).toEqual({
    lastVerifiedAt: "2026-11-25T12:01:00.000Z",
    measuredRtoSeconds: 3,
    measuredRpoSeconds: null,
  });
});

test("the record is the service user's: what is no time of day does not become an output", () => {
  const hostile = JSON.stringify({ at: "\u001b]0;owned\u0007", passed: true, rtoSeconds: 3 });
  expect(verifiedBy([line(1, { passed: true, rtoSeconds: 4 }), hostile].join("\n"))).toMatchObject({
    lastVerifiedAt: "2026-11-25T12:01:00.000Z",
  });
});
