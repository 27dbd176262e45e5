import { awaitPrimary, needPrimary } from "../../../../cli/session/primary";
import { primaryOf } from "../../../../cli/session/sql";
import { localJob, quiet } from "../../../support/servers/backups/local-job";

jest.mock("../../../../cli/session/sql");
jest.mock("node:timers/promises", () => ({
  // Time passes by waiting alone.
  setTimeout: (milliseconds: number) => {
    jest.setSystemTime(Date.now() + milliseconds);
    return Promise.resolve();
  },
}));

const job = localJob("/nowhere");
const [server] = job.servers.map((one) => ({ ...one, socketDirectory: "/nowhere" }));
const found = jest.mocked(primaryOf);

beforeEach(() => {
  jest.useFakeTimers();
  found.mockReset();
});
afterAll(() => {
  jest.useRealTimers();
});

test("a failover is waited out, and progress says so", async () => {
  const said: string[] = [];
  found.mockResolvedValueOnce(undefined).mockResolvedValueOnce(undefined).mockResolvedValue(server);
  expect(await awaitPrimary(job, { ...quiet, progress: (text) => void said.push(text) })).toBe(server);
  expect(said).toEqual(Array(2).fill("waiting for a primary"));
});

test("that there is no primary is said after a minute, not before", async () => {
  const began = Date.now();
  found.mockResolvedValue(undefined);
  expect(await awaitPrimary(job, quiet)).toBeUndefined();
  expect(Date.now() - began).toBeGreaterThanOrEqual(60_000);
  await expect(needPrimary(job, quiet)).rejects.toThrow("no server of the cluster is the primary");
});
