const plain = /^[\w%+=:,./-]+$/;

const word = (text: string): string => (plain.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/**
 * Fills in a script of `sh` whose placeholders are written `@name@`, each as one word.
 * @throws if the script has a placeholder for which nothing is given, or something is given for which it has none
 */
export function fillScript(script: string, values: Readonly<Record<string, string | number>>): string {
  const unused = new Set(Object.keys(values));
  const filled = script.replace(/@([a-z]\w*)@/g, (_, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) throw new Error(`nothing is given for ${name} of a script`);
    unused.delete(name);
    return word(String(value));
  });
  const [left] = unused;
  if (left !== undefined) throw new Error(`a script has no place for ${left}`);
  return filled;
}
