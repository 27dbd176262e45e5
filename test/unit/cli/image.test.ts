import { checkout } from "../../../lib/paths";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { image, postgresBin } from "../../../components/kubernetes/kit/image";
import { kubernetesSchema } from "../../../components/kubernetes/schema";
import { postgresVersions } from "../../../contracts/postgres-versions";
import { atLeast } from "../../../setup/engine/version";

const text = (name: string): string => readFileSync(join(checkout, name), "utf8");
const lines = text("Dockerfile").split("\n");
const last = (word: string): string | undefined =>
  lines.findLast((line) => line.startsWith(`${word} `))?.slice(word.length + 1);

test("the image is what the pods expect: user, command, PostgreSQL's Debian packages, and a PgBouncer that is built", () => {
  expect(last("USER")).toBe(`${image.user}:${image.user}`);
  expect(lines.at(lines.findLastIndex((line) => line.startsWith("COPY ")))).toMatch(new RegExp(` ${image.howdah}$`));
  const { imagePostgres } = kubernetesSchema.parse({ context: "prod", image: "example.com/howdah" });
  expect(imagePostgres).toBe(postgresVersions.usual);
  expect(lines).toContain(`ARG POSTGRES=${imagePostgres}`);
  expect(postgresBin(imagePostgres)).toBe(`/usr/lib/postgresql/${imagePostgres}/bin`);
  expect(text("Dockerfile")).toMatch(
    /install .* libc-ares2 libevent-2\.1-7 "postgresql-\$\{POSTGRES\}" "postgresql-client-\$\{POSTGRES\}" /,
  );
  expect(lines).toContain("RUN node --import tsx setup/pgbouncer.ts /opt/pgbouncer");
  expect(lines).toContain(`COPY --from=build /opt/pgbouncer ${image.pgbouncer}`);
  expect(text("Dockerfile")).toContain(`useradd --uid ${image.user} `);
});

test("it ends by the signal that lets transactions end", () => {
  expect(last("STOPSIGNAL")).toBe("SIGINT");
});

test("its base is pinned, and a Node that the command is made for", () => {
  const [, version] = /^NODE=(\d+\.\d+\.\d+)-bookworm-slim$/.exec(
    lines.find((line) => line.startsWith("ARG NODE="))!.slice("ARG ".length),
  )!;
  const { engines } = JSON.parse(text("package.json")) as { engines: { node: string } };
  const [, least] = /^>=(\d+\.\d+)$/.exec(engines.node)!;
  expect(atLeast(version!, least!)).toBe(true);
});

test("nothing but sources gets into its build: no state, no secret, no configuration", () => {
  const rules = text(".dockerignore")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  expect(rules[0]).toBe("*");
  expect(rules.filter((line) => line.startsWith("!")).sort()).toEqual(
    [
      "!cli",
      "!components",
      "!contracts",
      "!lib",
      "!package-lock.json",
      "!package.json",
      "!providers",
      "!setup",
      "!tsconfig.json",
    ].sort(),
  );
});
