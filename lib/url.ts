/** Hosts that plain HTTP does not leave the machine for. */
const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** True for an https:// URL with a host, and for an http:// URL of this machine: no other machine can read what is sent there. */
export function isProtectedUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return hostname !== "" && (protocol === "https:" || (protocol === "http:" && loopback.test(hostname)));
}
