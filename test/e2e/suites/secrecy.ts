import { stackProcesses } from "../../support/stack/processes";
import { filesWith } from "../../support/clouds/secrets";
import type { Running } from "./context";

/** Where a generated password may not be seen. */
export function secrecy(running: () => Running): void {
  const secrets = (): string[] => Object.values(running().passwords);

  describe("generated passwords", () => {
    test("are as many as there are logins and keys, and long", () => {
      expect(Object.keys(running().passwords).length).toBeGreaterThanOrEqual(9);
      expect(secrets().filter((secret) => secret.length < 32)).toEqual([]);
    });

    test("are in no log", () => {
      expect(filesWith(running().stack.path("log"), secrets())).toEqual([]);
    });

    test("are in clear in no file of the engine", () => {
      const { stack } = running();
      expect(filesWith(`${stack.root}/.pulumi-state`, secrets())).toEqual([]);
      expect(filesWith(`${stack.root}/.stacks`, secrets())).toEqual([]);
      // Control: the search finds them where a server has to read them.
      expect(filesWith(stack.path("etc"), secrets())).toContain(stack.path("etc", "patroni-node1.yml"));
    });

    test("are on no command line", () => {
      const processes = stackProcesses(running().stack);
      expect(processes.length).toBeGreaterThan(15);
      expect(processes.filter(({ command }) => secrets().some((secret) => command.includes(secret)))).toEqual([]);
    });
  });
}
