import { destinationSchema } from "../../../contracts/stack-file";
import { backupSchema } from "../../../components/backup/schema";

const s3 = { bucket: "dumps", region: "eu-central-1", prefix: "team/db" };

/** What config and the job's file each say to it: they are read by different processes. */
const accepted = (part: object): boolean[] => [
  backupSchema.safeParse({ logical: { destination: { s3: { ...s3, ...part } } } }).success,
  destinationSchema.safeParse({ s3: { ...s3, ...part } }).success,
];

test.each([
  "https://s3.example.com",
  "https://s3.example.com:9000/base",
  "http://localhost:9000",
  "http://127.0.0.1:9000",
  "http://[::1]:9000",
])("%s is the endpoint of a service that speaks S3", (endpoint) => {
  expect(accepted({ endpoint })).toEqual([true, true]);
});

test.each([
  "http://s3.example.com",
  "http://127.0.0.1.example.com",
  "http://localhost.example.com",
  "file:///etc/passwd",
  "javascript:alert(1)",
  "ftp://s3.example.com",
  "https://key:secret@s3.example.com",
  "https://s3.example.com?x=1",
  "https://s3.example.com#x",
  "s3.example.com",
  "",
])("%j is none", (endpoint) => {
  expect(accepted({ endpoint })).toEqual([false, false]);
});

test.each(["", "a", "team/db", "a.b/c=d/e-f_g", "..a/b..", ".a", "..."])("%j is a prefix", (prefix) => {
  expect(accepted({ prefix })).toEqual([true, true]);
});

test.each([".", "..", "../x", "a/..", "a/../b", "a/./b", "/a", "a/", "a//b", "a b", "a\n", "a\u001b"])(
  "%j is none",
  (prefix) => {
    expect(accepted({ prefix })).toEqual([false, false]);
  },
);
