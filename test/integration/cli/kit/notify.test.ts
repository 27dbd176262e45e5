import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type Event, notify } from "../../../../cli/kit/notify";
import { freePorts } from "../../../support/servers/ports";

const folder = mkdtempSync(join(tmpdir(), "howdah-notify-"));
const urlFile = join(folder, "url");
const event: Event = {
  stack: "prod",
  what: "backup",
  outcome: "failed",
  detail: "<app> & more",
  at: new Date("2026-11-25T12:00:00Z"),
};
const quick = { tries: 3, pause: 1 };

let server: Server;
let port = 0;
let answers: number[];
let posts: string[];
beforeAll(async () => {
  server = createServer((request, response) => {
    void text(request).then((body) => {
      posts.push(`${request.url ?? ""} ${body}`);
      response.writeHead(answers.shift() ?? 200, { location: "/elsewhere" }).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  port = typeof address === "object" && address !== null ? address.port : 0;
});
beforeEach(() => {
  answers = [];
  posts = [];
  writeFileSync(urlFile, `http://127.0.0.1:${port}/hook/a-secret-word\n`);
});
afterAll(async () => {
  await new Promise((done) => server.close(done));
  rmSync(folder, { recursive: true });
});

test("the event is posted as JSON", async () => {
  expect(await notify({ urlFile, format: "json" }, event)).toBeUndefined();
  expect(posts).toEqual([`/hook/a-secret-word ${JSON.stringify(event)}`]);
});

test("Slack gets one line of text, none of it markup", async () => {
  expect(await notify({ urlFile, format: "slack" }, event)).toBeUndefined();
  const line = ":rotating_light: prod: backup failed: &lt;app&gt; &amp; more";
  expect(posts).toEqual([`/hook/a-secret-word ${JSON.stringify({ text: line })}`]);
});

test("no webhook, no notification", async () => {
  expect(await notify(undefined, event)).toBeUndefined();
  expect(posts).toEqual([]);
});

test("a server in trouble is tried again", async () => {
  answers = [503, 429];
  expect(await notify({ urlFile, format: "json" }, event, { ...quick })).toBeUndefined();
  expect(posts).toHaveLength(3);
});

test.each([
  [[500, 500, 500], "it answered 500"],
  [[302, 302, 302], "it answered 302"],
])("answers %p are reported, not thrown, and without the URL", async (codes, reason) => {
  answers = codes;
  const problem = await notify({ urlFile, format: "json" }, event, quick);
  expect(problem).toBe(`the webhook of ${urlFile} was not notified: ${reason}`);
  expect(posts.join()).not.toContain("elsewhere");
});

test("a wrong address is reported after one try", async () => {
  answers = [404];
  expect(await notify({ urlFile, format: "json" }, event)).toMatch(/it answered 404$/);
  expect(posts).toHaveLength(1);
});

test("so is one without a listener, and an invalid one; neither is quoted", async () => {
  const [unused] = await freePorts(1);
  for (const url of [`http://127.0.0.1:${unused ?? 0}/a-secret-word`, "a-secret-word", "http://[a-secret-word"]) {
    writeFileSync(urlFile, url);
    const problem = await notify({ urlFile, format: "slack" }, event, quick);
    expect(problem).toMatch(/was not notified: (ECONNREFUSED|ERR_INVALID_URL|it cannot be reached)$/);
    expect(problem).not.toContain("a-secret-word");
  }
  expect(await notify({ urlFile: join(folder, "none"), format: "json" }, event)).toMatch(/was not notified: ENOENT$/);
});
