import { request } from "node:http";
import { XMLParser } from "fast-xml-parser";
import { z } from "zod";
import { serviceIdentity } from "../system/identity";
import { textOf } from "../system/network";
import { atSocket } from "../system/walk";

/** A value of an answer. Numbers come as they are; dates and binary data do not occur here. */
export type RpcValue = string | number | boolean | RpcValue[] | { [name: string]: RpcValue };

/** An answer that says what went wrong, with the number that the service has for it. */
export class RpcFault extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

const lists = new Set(["value", "member"]);
const parser = new XMLParser({ parseTagValue: false, isArray: (name) => lists.has(name) });

type Node = string | { readonly [tag: string]: Node | readonly Node[] };

const children = (node: Node | undefined, tag: string): readonly Node[] => {
  const found = typeof node === "object" ? node[tag] : undefined;
  return found === undefined ? [] : [found].flat();
};
const child = (node: Node | undefined, tag: string): Node | undefined => children(node, tag)[0];
const textContent = (node: Node | undefined): string => (typeof node === "string" ? node : "");

const decoders: Readonly<Record<string, (content: Node | undefined) => RpcValue>> = {
  string: textContent,
  int: (content) => Number(content),
  i4: (content) => Number(content),
  double: (content) => Number(content),
  boolean: (content) => content === "1",
  array: (content) => children(child(content, "data"), "value").map(decode),
  struct: (content) =>
    Object.fromEntries(
      children(content, "member").map((one) => [textContent(child(one, "name")), decode(child(one, "value") ?? "")]),
    ),
};

/** The value of a `<value>`; without a type it is a string. */
function decode(node: Node): RpcValue {
  if (typeof node === "string") return node;
  const type = Object.keys(node).join();
  const decoder = decoders[type];
  if (decoder === undefined) throw new Error(`XML-RPC returned a value of type "${type}"`);
  return decoder(child(node, type));
}

const fault = z.object({ faultCode: z.number(), faultString: z.string() });

/** The value of an answer. @throws RpcFault if it is one, and an `Error` if it is not an answer of XML-RPC. */
export function decodeResponse(document: string): RpcValue {
  const response = child(parser.parse(document) as Node, "methodResponse");
  const failed = child(child(response, "fault"), "value");
  if (failed !== undefined) {
    const { faultCode, faultString } = fault.parse(decode(failed));
    throw new RpcFault(faultCode, faultString);
  }
  const value = child(child(child(response, "params"), "param"), "value");
  if (value === undefined) throw new Error(`not an XML-RPC response: ${document.slice(0, 200)}`);
  return decode(value);
}

export interface RpcCall {
  readonly method: string;
  /** Booleans, and strings of letters, digits, `.`, `_` and `-`. */
  readonly args: readonly (string | boolean)[];
}

/** The document of a call. Throws if a string has a character that XML would have to escape. */
export function encodeCall({ method, args }: RpcCall): string {
  const invalid = [method, ...args].find((one) => typeof one === "string" && !/^[\w.-]+$/.test(one));
  if (invalid !== undefined) throw new Error(`${JSON.stringify(invalid)} is not a valid XML-RPC name`);
  const values = args.map((arg) =>
    typeof arg === "boolean" ? `<boolean>${arg ? "1" : "0"}</boolean>` : `<string>${arg}</string>`,
  );
  const params = values.map((value) => `<param><value>${value}</value></param>`).join("");
  return `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${params}</params></methodCall>`;
}

/**
 * Calls the XML-RPC service behind a Unix socket.
 * @param timeout milliseconds that the answer may take
 * @throws RpcFault if the service says so; the socket's own error if there is no answer; UnsafePath for a link, or another's socket
 */
export const callMethod = (path: string, wanted: RpcCall, timeout: number): Promise<RpcValue> =>
  atSocket(path, serviceIdentity().uid, (place) => callAt(place, wanted, timeout));

function callAt(socketPath: string, wanted: RpcCall, timeout: number): Promise<RpcValue> {
  const body = encodeCall(wanted);
  const headers = { "content-type": "text/xml", "content-length": Buffer.byteLength(body) };
  const options = { socketPath, path: "/RPC2", method: "POST", headers };
  return new Promise((done, reject) => {
    const call = request({ ...options, signal: AbortSignal.timeout(timeout) }, (response) => {
      textOf(response).then(decodeResponse).then(done, reject);
    });
    call.on("error", reject);
    call.end(body);
  });
}
