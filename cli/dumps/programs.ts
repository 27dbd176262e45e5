import { basename } from "node:path";
import { createInterface } from "node:readline";
import { PassThrough, pipeline as connected, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ended, start, type Task } from "../../lib/process/task";
import { withRemoteLogin } from "../session/remote-login";
import { type DatabaseServer, isRemote, sessionOptions, userOf } from "../session/sql";

type Bytes = AsyncIterable<Uint8Array>;

/**
 * Runs `work` with the environment in which PostgreSQL's own programs reach a database, with settings that no owner of it
 * can change; good for one connection.
 */
export function withDatabase<T>(
  server: DatabaseServer,
  database: string,
  work: (environment: Record<string, string>) => Promise<T>,
): Promise<T> {
  const common = {
    // Not on the command line, where a name such as "host=elsewhere" would be read as more than a name.
    PGDATABASE: database,
    PGOPTIONS: sessionOptions,
  };
  if (isRemote(server)) return withRemoteLogin(server, (login) => work({ ...login, ...common }));
  const { socketDirectory: PGHOST, port } = server;
  // A restored server has only the processor time that others leave.
  return work({ PGHOST, PGPORT: String(port), PGUSER: userOf(server), PGCONNECT_TIMEOUT: "60", ...common });
}

const tail = 12;

function lastLines(stream: Readable): () => string {
  const lines: string[] = [];
  createInterface({ input: stream }).on("line", (line) => {
    lines.push(line);
    if (lines.length > tail) lines.shift();
  });
  return () => lines.join("\n");
}

const nameOf = ({ program }: Task): string => basename(program);

/**
 * Standard output of a program, which ends only if the program ends well. The program does not outlive the stream.
 * @throws ProgramError as the stream's error
 */
export function outputOf(task: Task): Readable {
  const child = start(task);
  const finished = ended(nameOf(task), child, lastLines(child.stderr));
  // The reader gets it below; until then it has no owner.
  finished.catch(() => undefined);
  child.stdin.end();
  const whole = async function* (output: Bytes): AsyncGenerator<Uint8Array> {
    yield* output;
    await finished;
  };
  const stream = connected(child.stdout, whole, new PassThrough(), () => undefined);
  // One that waits for a lock would not notice that its output is not read any more.
  return stream.once("close", () => child.kill());
}

const brokenPipe = ["EPIPE", "ECONNRESET", "ERR_STREAM_PREMATURE_CLOSE"];

/**
 * Runs a program with `input` as its standard input.
 * @throws the error of `input`, or ProgramError; either ends the other
 */
export async function feed(task: Task, input: Bytes | Readable): Promise<void> {
  const child = start(task);
  child.stdout.resume();
  const finished = ended(nameOf(task), child, lastLines(child.stderr));
  const fed = pipeline(input, child.stdin).catch((error: unknown) => {
    // That the program stopped reading is not a reason; why it did so is.
    if (!brokenPipe.includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  });
  const [program, feeding] = await Promise.allSettled([finished, fed]);
  if (feeding.status === "rejected") throw feeding.reason;
  if (program.status === "rejected") throw program.reason;
}
