import { commandLine, unexpanded } from "../../../lib/supervisor/command-line";
import { logFile } from "../../../lib/supervisor/supervisor";

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
    .map(([name, value]) => `${name}="${unexpanded(value)}"`);
  return `[program:${inputs.name}]
${commandLine(inputs.command)}
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
