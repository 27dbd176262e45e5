import { spawnSync } from "node:child_process";
import { join } from "node:path";
import fc from "fast-check";
import { isCommandWord, isEnvironmentValue, programOf } from "../../../../../lib/supervisor/command-line";
import { type Program, renderProgram } from "../../../../../providers/host/services/program";
import { locations } from "../../../../../lib/paths";
import { pythonFolder } from "../../../../../setup/python";

const program = (news: Partial<Program> = {}): Program => ({
  supervisor: "/srv/stack/supervisor",
  name: "server",
  command: ["/usr/bin/server"],
  environment: {},
  stopSignal: "TERM",
  stopSeconds: 30,
  ...news,
});

/** The interpreter with the supervisor that runs the programs: the one that the setup installs. */
const python = join(pythonFolder(locations()), "bin", "python3");

/** Reads program files as supervisord does, with its own parsers. */
const reader = `
import json, shlex, sys
from supervisor.datatypes import dict_of_key_value_pairs
from supervisor.options import UnhosedConfigParser
def look(text):
    parser = UnhosedConfigParser()
    parser.read_string(text)
    get = lambda name: parser.saneget("program:server", name, None, do_expand=True, expansions={})
    return [shlex.split(get("command")), dict_of_key_value_pairs(get("environment"))]
json.dump([look(text) for text in json.load(sys.stdin)], sys.stdout)
`;

function asSupervisorReads(programs: readonly Program[]): unknown {
  const input = JSON.stringify(programs.map(renderProgram));
  const { stdout, stderr, status } = spawnSync(python, ["-I", "-c", reader], { input, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

const meaning = (programs: readonly Program[]): unknown =>
  programs.map(({ command, environment }) => [
    ["/bin/sh", "-c", 'exec "$0" "$@" 3<&0 </dev/null', ...command],
    { LC_ALL: "C.UTF-8", ...environment },
  ]);

/** Text with more than its share of what some parser takes for syntax. */
const awkward = fc
  .array(fc.oneof(fc.constantFrom(...Array.from("%\"'\\ ;#,=$(){}[]*~é✓")), fc.string({ maxLength: 4 })), {
    maxLength: 12,
  })
  .map((parts) => parts.join(""));

const anyProgram = fc
  .record({
    words: fc.array(awkward.filter(isCommandWord), { maxLength: 5 }),
    environment: fc.dictionary(fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,8}$/), awkward.filter(isEnvironmentValue)),
  })
  .map(({ words, environment }) => program({ command: ["/usr/bin/server", ...words], environment }));

test("the supervisor reads every word and every variable as it was meant", () => {
  const programs = fc.sample(anyProgram, 300);
  expect(asSupervisorReads(programs)).toEqual(meaning(programs));
});

test("the program is found in its file again, and not in another's", () => {
  const words = ["-c", "/etc/server.conf", 'x" "/bin/other'];
  expect(programOf(renderProgram(program({ command: ["/usr/bin/server", ...words] })))).toBe("/usr/bin/server");
  expect(programOf('[program:server]\ncommand="/usr/bin/server" "-c"\n')).toBe("");
});

test("words with the syntax of some parser arrive", () => {
  const words = ["100 %", 'say "no"', "it's", "a ;b #c", "C:\\x", "", "%(here)s", "$HOME `id`"];
  const programs = words.map((word) => program({ command: ["/usr/bin/server", word] }));
  expect(asSupervisorReads(programs)).toEqual(meaning(programs));
});

test("what would start another line or cannot be written is refused", () => {
  expect(["a\nuser=root", "a\r", "\u0085"].filter(isCommandWord)).toEqual([]);
  expect(["a\nuser=root", 'a"b', "a'b", "a ;b", "a\t#b"].filter(isEnvironmentValue)).toEqual([]);
  expect(["a;b", "/usr/bin:/bin", "50 %", "a\\b"].filter((text) => !isEnvironmentValue(text))).toEqual([]);
});

test("a program comes back after a crash, keeps rotated logs, and is stopped alone", () => {
  expect(renderProgram(program({ environment: { TZ: "UTC", A: "1" }, stopSignal: "INT" }))).toMatchInlineSnapshot(`
    "[program:server]
    command="/bin/sh" "-c" "exec \\"$0\\" \\"$@\\" 3<&0 </dev/null" "/usr/bin/server"
    directory=/
    environment=A="1",LC_ALL="C.UTF-8",TZ="UTC"
    autostart=true
    autorestart=true
    startsecs=1
    startretries=100
    stopsignal=INT
    stopwaitsecs=30
    stopasgroup=false
    killasgroup=false
    redirect_stderr=true
    stdout_logfile=/srv/stack/log/server.log
    stdout_logfile_maxbytes=10MB
    stdout_logfile_backups=5
    "
  `);
});
