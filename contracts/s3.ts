import { z } from "zod";
import { isProtectedUrl } from "../lib/url";

/** True for the address of a service that speaks S3: HTTPS, or HTTP on this machine, without login, query and fragment. */
export function isS3Endpoint(text: string): boolean {
  if (!isProtectedUrl(text)) return false;
  const { username, password, search, hash } = new URL(text);
  return `${username}${password}${search}${hash}` === "";
}

/** Endpoint of another service than AWS's own. */
export const s3Endpoint = z.string().refine(isS3Endpoint, {
  error:
    'an https:// URL without login and query, such as "https://s3.example.com"; http:// only for the loopback address',
});

/** Common part of keys: parts of letters, digits, `.`, `_`, `=` and `-`, none of them `.` or `..`, no slash at either end. */
export const s3Prefix = z.string().regex(/^((?!\.{1,2}(\/|$))[\w.=-]+(\/(?!\.{1,2}(\/|$))[\w.=-]+)*)?$/, {
  error: 'key parts without a leading or trailing slash, none of them "." or "..", such as "team/db"',
});
