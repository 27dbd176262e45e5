import fc from "fast-check";
import { manifestProblems } from "../../../../cli/pgbackrest/manifest";

/** As pgBackRest 2.45 writes it, with some lines more. */
const manifest = (more: Readonly<Record<string, string>> = {}): string => `[backrest]
backrest-checksum="0000"
backrest-format=5
backrest-version="2.45"

[backup]
backup-label="20261125-143000F"

[backup:target]
pg_data={"path":"/var/lib/howdah/local/nodes/node1/data","type":"path"}
${more["target"] ?? ""}
[cipher]
cipher-pass="/../not a path"

[target:file]
pg_data/PG_VERSION={"checksum":"ad552e6dc057d1d825bf49df79d6b98eba846ebe","size":3,"timestamp":1764081000}
pg_data/base/1/112={"mode":"0640","size":8192,"timestamp":1764081000}
${more["file"] ?? ""}
[target:file:default]
group="postgres"
mode="${more["mode"] ?? "0600"}"
user="postgres"
${more["link"] ?? ""}
[target:path]
pg_data={}
pg_data/base/1={"mode":"0750"}
${more["path"] ?? ""}
[target:path:default]
mode="0700"
`;

test("a cluster that has all of its files in one folder has no problem", () => {
  expect(manifestProblems(manifest())).toEqual([]);
});

test.each([
  [
    "target",
    'pg_tblspc/16385={"path":"/etc","tablespace-id":"16385","type":"link"}',
    "pg_tblspc/16385 is a tablespace",
  ],
  ["target", 'pg_data/pg_wal={"path":"/etc","type":"link"}', "pg_data/pg_wal is a tablespace or link"],
  ["link", '\n[target:link]\npg_data/base={"destination":"/etc"}', "pg_data/base is a link"],
  ["file", 'pg_data/../../etc/patroni.yml={"size":1}', "is not inside"],
  ["file", 'pg_tblspc/16385/authorized_keys={"size":1}', "is not inside"],
  ["file", '/etc/passwd={"size":1}', "is not inside"],
  ["file", 'pg_data//etc/passwd={"size":1}', "is not inside"],
  ["file", 'pg_data_other/x={"size":1}', "is not inside"],
  ["file", 'pg_data/\u009b2J={"size":1}', "is not inside"],
  ["path", "pg_data/base/..={}", "is not inside"],
  ["path", 'pg_data/base/2={"mode":"0777"}', "has mode 0777"],
  ["file", 'pg_data/base/1/sh={"mode":"4755","size":1}', "has mode 4755"],
  ["mode", "0666", "has mode 0666"],
] as const)("in section %s, %s is a problem", (where, line, problem) => {
  expect(manifestProblems(manifest({ [where]: line })).join()).toContain(problem);
});

test("no path with a parent's dots in it passes, wherever they are", () => {
  const part = fc.constantFrom("..", "base", "1", "pg_wal", "a=b", "{");
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
      const path = ["pg_data", ...parts].join("/");
      expect(manifestProblems(manifest({ file: `${path}={"size":1}` })).length > 0).toBe(parts.includes(".."));
    }),
  );
});
