import { logFile } from "./supervisor";

const control = /[\u0000-\u001f\u007f-\u009f]/;
/** Starts a comment, for supervisor even between quotes. */
const commentStart = /(\s)([;#])/g;

/** True for a word that a command line in the supervisor's configuration can hold. */
export const isCommandWord = (word: string): boolean => !control.test(word);

/** True for a value that its list of environment variables can hold: no escape is known there. */
export const isEnvironmentValue = (value: string): boolean =>
  !control.test(value) && !/['"]/.test(value) && value.search(commentStart) < 0;

/** % starts an expansion. */
const literal = (text: string): string => text.replaceAll("%", "%%");

/** A word of a command, which is split as a shell does. */
function quote(word: string): string {
  const escaped = word.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
  return `"${literal(escaped).replaceAll(commentStart, '$1""$2')}"`;
}

/** What the supervisor has to know of a service. */
export interface Program {
  readonly supervisor: string;
  readonly name: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly stopSignal: string;
  readonly stopSeconds: number;
}

/**
 * The supervisor's file of one program. Logs rotate at 10 MB, five are kept. `startretries` is high since each further
 * attempt waits a second longer: a disk that is full for an hour must not end the service for good.
 */
export function renderProgram(inputs: Program): string {
  const environment = Object.entries({ LC_ALL: "C.UTF-8", ...inputs.environment })
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, value]) => `${name}="${literal(value)}"`);
  return `[program:${inputs.name}]
command=${inputs.command.map(quote).join(" ")}
directory=/
environment=${environment.join(",")}
autostart=true
autorestart=true
startsecs=1
startretries=100
stopsignal=${inputs.stopSignal}
stopwaitsecs=${inputs.stopSeconds}
stopasgroup=false
killasgroup=false
redirect_stderr=true
stdout_logfile=${logFile({ directory: inputs.supervisor }, inputs.name)}
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=5
`;
}
