import * as pulumi from "@pulumi/pulumi";
import { AdministratorScript } from "../../../../../components/postgres/access/administrator-sql";
import { clear, graphOf, hidden } from "../../../../support/graph";

const program = () =>
  new AdministratorScript("lookup", {
    server: {
      administrator: {
        name: "master",
        password: pulumi.output("the-password"),
        endpoint: { host: "db.example.com", port: 5432 },
        sslmode: "verify-full",
      },
      caFile: pulumi.output("/etc/ca.pem"),
    },
    database: "shop",
    apply: pulumi.output([{ sql: "SELECT $1", values: ["the-verifier"] }]),
    probe: "SELECT 'x'",
  });

test("the way to the server comes from its administrator; password and SQL are secrets whatever was given", async () => {
  const [script] = (await graphOf(program)).registrations;
  expect(script).toMatchObject({ type: "host:index:AdministratorScript", name: "lookup" });
  expect(clear(script?.inputs)).toEqual({
    host: "db.example.com",
    port: 5432,
    sslmode: "verify-full",
    caFile: "/etc/ca.pem",
    username: "master",
    password: "the-password",
    database: "shop",
    apply: [{ sql: "SELECT $1", values: ["the-verifier"] }],
    probe: "SELECT 'x'",
  });
  expect(JSON.stringify(hidden(script?.inputs))).not.toMatch(/the-password|the-verifier/);
});
