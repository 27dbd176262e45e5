import { Client } from "pg";
import { ask } from "../../../../cli/guard/question";

const refusing = (code: string, message: string): void => {
  const client = Client.prototype as { connect: () => Promise<unknown> };
  jest.spyOn(client, "connect").mockRejectedValue(Object.assign(new Error(message), { code }));
};
afterEach(() => jest.restoreAllMocks());

test("a server whose queue of connections is full is silent, and the reason says so", async () => {
  refusing("EAGAIN", "connect EAGAIN");
  const said = await ask({ host: "/no/socket" }, "SELECT 1", 0.05);
  expect(said).toEqual({ answer: "silent", reason: "its queue of connections is full" });
});

test("control: another refusal is an answer", async () => {
  refusing("57P03", "the database system is starting up");
  const said = await ask({ host: "/no/socket" }, "SELECT 1", 5);
  expect(said).toEqual({ answer: "refused", reason: "the database system is starting up" });
});
