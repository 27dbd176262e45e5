import { createServer, type Server } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { callMethod, decodeResponse, encodeCall, RpcFault, type RpcValue } from "../../../../lib/supervisor/xml-rpc";

const escaped = (textContent: string): string =>
  textContent.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** As Python's xmlrpc.client writes it, which is what supervisord answers with. */
function written(value: RpcValue): string {
  if (typeof value === "string") return `<value><string>${escaped(value)}</string></value>`;
  if (typeof value === "boolean") return `<value><boolean>${value ? 1 : 0}</boolean></value>`;
  if (typeof value === "number")
    return `<value><${Number.isInteger(value) ? "int" : "double"}>${value}</${Number.isInteger(value) ? "int" : "double"}></value>`;
  if (Array.isArray(value)) return `<value><array><data>\n${value.map(written).join("\n")}\n</data></array></value>`;
  const members = Object.entries(value).map(
    ([name, item]) => `<member>\n<name>${escaped(name)}</name>\n${written(item)}\n</member>`,
  );
  return `<value><struct>\n${members.join("\n")}\n</struct></value>`;
}

const answer = (value: RpcValue): string =>
  `<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n${written(value)}\n</param>\n</params>\n</methodResponse>\n`;

const faulty = (code: number, message: string): string =>
  `<?xml version='1.0'?>\n<methodResponse>\n<fault>\n${written({ faultCode: code, faultString: message })}\n</fault>\n</methodResponse>\n`;

const word = fc.stringMatching(/^[a-z0-9<>&][a-z0-9 <>&-]{0,12}[a-z0-9<>&]$/);
const { value: rpcValue } = fc.letrec<{ value: RpcValue; leaf: RpcValue }>((tie) => ({
  leaf: fc.oneof(word, fc.constant(""), fc.integer(), fc.boolean()),
  value: fc.oneof(
    { depthSize: "small" },
    tie("leaf"),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), tie("value"), { maxKeys: 4 }),
  ),
}));

test("an answer is read as it was written", () => {
  fc.assert(
    fc.property(rpcValue, (value) => {
      expect(decodeResponse(answer(value))).toEqual(value);
    }),
  );
});

test("a value without a type is a string", () => {
  const bare = "<methodResponse><params><param><value>as it is</value></param></params></methodResponse>";
  expect(decodeResponse(bare)).toBe("as it is");
});

test("a fault is an error with its number and its words", () => {
  expect(() => decodeResponse(faulty(70, "NOT_RUNNING: pgbouncer"))).toThrow(
    new RpcFault(70, "NOT_RUNNING: pgbouncer"),
  );
  try {
    decodeResponse(faulty(10, "BAD_NAME: a"));
  } catch (error) {
    expect(error).toMatchObject({ code: 10 });
  }
});

test.each(["", "<html>502</html>", "<methodResponse></methodResponse>"])("%j is no answer", (document) => {
  expect(() => decodeResponse(document)).toThrow("not an XML-RPC response");
});

test("an unexpected type is named", () => {
  const odd = "<methodResponse><params><param><value><base64>AA==</base64></value></param></params></methodResponse>";
  expect(() => decodeResponse(odd)).toThrow('"base64"');
});

test.each(["a b", "<x>", "a&b", "", "a\nb"])("a call with %j is refused before it is sent", (name) => {
  expect(() => encodeCall({ method: "supervisor.stopProcess", args: [name] })).toThrow(JSON.stringify(name));
  expect(() => encodeCall({ method: name, args: [] })).toThrow(JSON.stringify(name));
});

describe("over a socket", () => {
  let folder: string;
  let server: Server;
  const calls: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "howdah-rpc-"));
    server = createServer((request, response) => {
      void text(request).then((body) => {
        calls.push(`${request.method ?? ""} ${request.url ?? ""} ${body}`);
        if (!body.includes("never")) response.end(answer([true, "done"]));
      });
    });
    await new Promise<void>((done) => server.listen(join(folder, "s"), done));
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });

  test("a call arrives with its arguments, and gives the answer", async () => {
    const call = { method: "supervisor.startProcess", args: ["patroni-node1", true] };
    expect(await callMethod(join(folder, "s"), call, 5_000)).toEqual([true, "done"]);
    expect(calls.at(-1)).toBe(
      "POST /RPC2 " +
        '<?xml version="1.0"?><methodCall><methodName>supervisor.startProcess</methodName><params>' +
        "<param><value><string>patroni-node1</string></value></param><param><value><boolean>1</boolean></value></param>" +
        "</params></methodCall>",
    );
  });

  test("an answer that does not come ends with the time", async () => {
    const call = { method: "supervisor.never", args: [] };
    await expect(callMethod(join(folder, "s"), call, 50)).rejects.toThrow(/abort|timeout/i);
  });

  test("without a listener, the error has the socket's code", async () => {
    const call = { method: "supervisor.getPID", args: [] };
    await expect(callMethod(join(folder, "none"), call, 5_000)).rejects.toMatchObject({ code: "ENOENT" });
  });
});
