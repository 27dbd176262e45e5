import { hasControl } from "../text/printable";

/** Starts a comment, for supervisor even between quotes. */
const commentStart = /(\s)([;#])/g;

/** True for text that starts a comment in the supervisor's configuration. */
export const startsComment = (text: string): boolean => text.search(commentStart) >= 0;

/** True for a word that a command line in the supervisor's configuration can hold. */
export const isCommandWord = (word: string): boolean => !hasControl(word);

/** True for a value that its list of environment variables can hold: no escape is known there. */
export const isEnvironmentValue = (value: string): boolean =>
  !hasControl(value) && !/['"]/.test(value) && !startsComment(value);

/** Text without expansions, which % starts. */
export const unexpanded = (text: string): string => text.replaceAll("%", "%%");

/** A word of a command, which is split as a shell does. */
function quoteWord(word: string): string {
  const escaped = word.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
  return `"${unexpanded(escaped).replaceAll(commentStart, '$1""$2')}"`;
}

/**
 * Words in front of every command. A service reads no input, but supervisord gives it a pipe that never ends, and all that it
 * starts inherits it: a backend of PostgreSQL that waits for a replica when its postmaster is killed goes over to reading
 * commands from standard input (SyncRepWaitForLSN, ReadCommand), and would hold the shared memory of the old server forever.
 * The pipe stays open all the same, without a reader: supervisord polls descriptors of connections that have ended, one of them
 * may be the pipe's by now, and the error of a pipe without a reader wakes it up again and again, with all of a processor.
 */
const withoutInput: readonly string[] = ["/bin/sh", "-c", 'exec "$0" "$@" 3<&0 </dev/null'];

/** The supervisor's line for a command. */
export const commandLine = (command: readonly string[]): string =>
  `command=${[...withoutInput, ...command].map(quoteWord).join(" ")}`;

/** The program that a supervisor's file starts; empty if it is none of ours. */
export function programOf(text: string): string {
  const start = `${commandLine([])} "`;
  const line = text.split("\n").find((one) => one.startsWith(start)) ?? "";
  return line.slice(start.length).split('"')[0] ?? "";
}
