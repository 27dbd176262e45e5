import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import fc from "fast-check";
import { DatabaseError } from "pg";
import { isConflict, isPassing, readable } from "../../../../../providers/stand-ins/postgresql/session/errors";
import { samePrivileges } from "../../../../../providers/stand-ins/postgresql/grant/privileges";
import { retry } from "../../../../../lib/retry";
import { repeating } from "../../../../../providers/stand-ins/postgresql/session/retry";
import { freshRole, alterRole } from "../../../../../providers/stand-ins/postgresql/role/statements";
import { roleSchema } from "../../../../../providers/stand-ins/postgresql/role/inputs";
import {
  checkSettings,
  readSettings,
  tlsOptions,
} from "../../../../../providers/stand-ins/postgresql/session/settings";
import { passwordVerifier } from "../../../../../providers/stand-ins/postgresql/role/verifier";
import { UNKNOWN } from "../../../../../providers/runtime/resource";

const serverError = (code: string, message = "m") => Object.assign(new DatabaseError(message, 0, "error"), { code });

describe("settings", () => {
  test("have the official defaults", () => {
    expect(readSettings({ host: "db", username: "u" })).toEqual({
      scheme: "postgres", host: "db", port: 5432, database: "postgres", username: "u", sslmode: "require", superuser: true,
      connectTimeout: 180, maxConnections: 20,
    }); // prettier-ignore
  });

  test("come as JSON in strings, as the engine sends them", () => {
    const sent = {
      port: "6543",
      superuser: "false",
      connectTimeout: "30",
      maxConnections: "4",
      host: "db",
      username: "u",
      password: "12345",
    };
    const inline = JSON.stringify({ cert: "c", key: "k", sslinline: true });
    expect(readSettings({ ...sent, clientcert: inline, version: "3.18.1", __internal: "{}" })).toMatchObject({
      port: 6543, superuser: false, connectTimeout: 30, maxConnections: 4, password: "12345",
      clientcert: { cert: "c", key: "k", sslinline: true },
    }); // prettier-ignore
  });

  test.each([
    [{ awsRdsIamAuth: "true" }, "awsRdsIamAuth"],
    [{ prot: "5432" }, "prot"],
    [{ port: "none" }, "port"],
    [{ sslmode: "prefer" }, "sslmode"],
    [{ scheme: "gcppostgres" }, "scheme"],
  ])("%j is refused by name", (config, property) => {
    expect(checkSettings(config).map((one) => one.property)).toEqual([property]);
    expect(() => readSettings(config)).toThrow(property);
  });

  test("a value that is known only at up passes the check", () => {
    expect(checkSettings({ host: UNKNOWN, port: UNKNOWN, sslrootcert: UNKNOWN, sslmode: UNKNOWN })).toEqual([]);
  });

  test("a Unix socket has no TLS", () => {
    expect(tlsOptions(readSettings({ host: "/run/postgresql", sslmode: "verify-full" }))).toBe(false);
    expect(tlsOptions(readSettings({ host: "db", sslmode: "verify-full" }))).toMatchObject({
      rejectUnauthorized: true,
    });
    expect(tlsOptions(readSettings({ host: "db" }))).toMatchObject({ rejectUnauthorized: false });
  });
});

describe("a password's verifier", () => {
  test("proves the password and does not hold it", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 8, maxLength: 30 }).filter((text) => /^[\x20-\x7e]+$/.test(text)),
        (password) => {
          const verifier = passwordVerifier(password);
          const [, rounds = "", salt = "", stored, server] =
            /^SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):(.+)$/.exec(verifier) ?? [];
          const salted = pbkdf2Sync(password, Buffer.from(salt, "base64"), Number(rounds), 32, "sha256");
          const client = createHmac("sha256", salted).update("Client Key").digest();
          expect(stored).toBe(createHash("sha256").update(client).digest("base64"));
          expect(server).toBe(createHmac("sha256", salted).update("Server Key").digest("base64"));
          expect(verifier).not.toContain(password);
        },
      ),
      { numRuns: 20 },
    );
  });

  test.each(["SCRAM-SHA-256$4096:c2FsdA==$a:b", `md5${"0".repeat(32)}`, "pässword"])("%s goes as it is", (password) => {
    expect(passwordVerifier(password)).toBe(password);
  });
});

describe("privileges", () => {
  test.each([
    ["database", ["CREATE", "CONNECT", "TEMPORARY"], ["ALL"], true],
    ["database", ["CREATE", "CONNECT"], ["ALL"], false],
    ["table", ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"], ["ALL"], true],
    ["table", ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN"], ["ALL"], true],
    ["table", ["SELECT"], ["SELECT", "INSERT"], false],
    ["table", ["SELECT", "INSERT"], ["SELECT"], false],
    ["schema", [], [], true],
    ["schema", ["USAGE"], [], false],
  ])("on a %s: %j for wanted %j is %j", (type, ...[held, wanted, same]) => {
    expect(samePrivileges(type, held, wanted)).toBe(same);
  });
});

describe("errors", () => {
  test.each(["57P01", "57P03", "25006", "08006", "ECONNREFUSED"])("%s passes", (code) => {
    expect([isPassing(serverError(code)), isConflict(serverError(code))]).toEqual([true, false]);
  });

  test.each(["42501", "42704", "28P01", "3D000", "XX000"])("%s stays", (code) => {
    expect([isPassing(serverError(code)), isConflict(serverError(code))]).toEqual([false, false]);
  });

  test("no secret is shown, wherever the server put it", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zA-Z0-9$:]{8,20}$/), (secret) => {
        const error = Object.assign(serverError("42601", `near ${secret}`), { detail: secret, hint: `use ${secret}` });
        const { message } = readable("do it", error, [secret]);
        expect(message).toMatch(
          /^do it: near \[secret\] \(SQLSTATE 42601\)\ndetail: \[secret\]\nhint: use \[secret\]$/,
        );
      }),
    );
  });

  test("a conflict is tried a bounded number of times", async () => {
    let tries = 0;
    const patience = { away: 60_000, conflicts: 3, signal: new AbortController().signal };
    const attempt = retry(repeating(patience), () => {
      tries++;
      return Promise.reject(serverError("40P01"));
    });
    await expect(attempt).rejects.toThrow();
    expect(tries).toBe(3);
  });
});

describe("statements that alter a role", () => {
  const roles = fc.record({
    login: fc.boolean(), inherit: fc.boolean(), superuser: fc.boolean(), createDatabase: fc.boolean(), createRole: fc.boolean(),
    replication: fc.boolean(), bypassRowLevelSecurity: fc.boolean(), connectionLimit: fc.integer({ min: -1, max: 9 }),
    roles: fc.uniqueArray(fc.constantFrom("a", "b", "c")), statementTimeout: fc.nat(3),
  }); // prettier-ignore

  test("are none where nothing differs, whatever the role", () => {
    fc.assert(
      fc.property(roles, (some) => {
        const role = roleSchema.parse({ name: "r", ...some });
        expect(alterRole(role, role, false)).toEqual([]);
      }),
    );
  });

  test("name only what differs, so that SUPERUSER is never touched in passing", () => {
    fc.assert(
      fc.property(roles, (some) => {
        const text = alterRole(freshRole("r"), roleSchema.parse({ name: "r", ...some }), false).join(";");
        expect(/\bSUPERUSER/.test(text)).toBe(some.superuser);
        expect(text).not.toContain("NOSUPERUSER");
      }),
    );
  });

  test("quote whatever a name or password holds", () => {
    const odd = roleSchema.parse({ name: 'o"dd', password: "SCRAM-SHA-256$it's", roles: ['g"'] });
    const want = ["ALTER ROLE \"o\"\"dd\" PASSWORD 'SCRAM-SHA-256$it''s'", 'GRANT "g""" TO "o""dd"'];
    expect(alterRole(freshRole('o"dd'), odd, true)).toEqual(want);
  });
});
