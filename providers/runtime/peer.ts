import { readFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { endianness } from "node:os";

/** Connections of IPv4, one a row, with the user of each socket; Linux only. */
const table = "/proc/net/tcp";
const established = "01";

/** `address:port` as the kernel's table writes it: hexadecimal, the address in the order of the machine. */
function tableAddress(address: string, port: number): string {
  const hex = (figure: number, digits: number): string => figure.toString(16).toUpperCase().padStart(digits, "0");
  const bytes = address.split(".").map((byte) => hex(Number(byte), 2));
  return `${(endianness() === "LE" ? bytes.reverse() : bytes).join("")}:${hex(port, 4)}`;
}

/** A connection as its other end has it. */
export interface Ends {
  readonly address: string;
  readonly port: number;
  readonly toAddress: string;
  readonly toPort: number;
}

/**
 * User id of the socket with these ends; undefined if there is none.
 * @param text the kernel's table
 */
export function ownerIn(text: string, { address, port, toAddress, toPort }: Ends): number | undefined {
  const [from, to] = [tableAddress(address, port), tableAddress(toAddress, toPort)];
  // Columns: 1 local address, 2 remote address, 3 state, 7 user, 9 inode. A socket that its process has closed has user 0.
  const rows = text.split("\n").map((row) => row.trim().split(/\s+/));
  const found = rows.find((row) => row[1] === from && row[2] === to && row[3] === established && row[9] !== "0");
  return found === undefined ? undefined : Number(found[7]);
}

/** True for a connection of the user that we are, or of root. */
async function isOwn(ends: Ends): Promise<boolean> {
  const text = await readFile(table, "utf8").catch(() => undefined);
  if (text === undefined) return process.platform !== "linux";
  const owner = ownerIn(text, ends);
  return owner === 0 || (owner !== undefined && owner === process.getuid?.());
}

/**
 * True if the process at the other end of a loopback connection may give us orders. The engine's protocol knows no
 * password, and every user of a machine may connect to its loopback; without this, each could have us write files as root.
 */
export async function isTrusted(socket: Socket): Promise<boolean> {
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  if (remoteAddress === undefined || remotePort === undefined) return false;
  if (localAddress === undefined || localPort === undefined) return false;
  const ends = { address: remoteAddress, port: remotePort, toAddress: localAddress, toPort: localPort };
  // Twice: a socket closed between two columns of a row could pass for root's once.
  return (await isOwn(ends)) && isOwn(ends);
}
