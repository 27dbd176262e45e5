// Unit tests start no program: it would have to be on the machine of everyone who runs `make check`, the engine and the service user's
// account included.
jest.mock("node:child_process", () => {
  const real = jest.requireActual<Record<string, unknown>>("node:child_process");
  const refuse = (): never => {
    throw new Error("a unit test starts no program: this one belongs to test/integration");
  };
  const isStarter = (name: string): boolean => /^(exec|fork|spawn)/.test(name);
  return Object.fromEntries(Object.entries(real).map(([name, value]) => [name, isStarter(name) ? refuse : value]));
});
