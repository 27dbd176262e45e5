import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { assertChildName, Component, transformed } from "../../../components/component";

class Part extends pulumi.ComponentResource {
  public constructor(name: string, parent: pulumi.Resource) {
    super("test:index:Part", name, {}, { parent });
  }
}

class Whole extends Component {
  public constructor(name: string, child: string) {
    super("howdah:test:Whole", name, {});
    new Part(child, this);
  }
}

const word = fc.stringMatching(/^[a-z]{1,8}$/);

beforeAll(async () => {
  await pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => ({ id: `${name}-id`, state: inputs as Record<string, unknown> }),
    call: ({ token }) => {
      throw new Error(`unexpected call ${token}`);
    },
  });
});

test("a child is named after its parent", () => {
  expect(() => new Whole("access", "access-role-web")).not.toThrow();
});

test.each(["web", "accessory", "role-access"])("a child named %s is refused, by name", (child) => {
  expect(() => new Whole("access", child)).toThrow(`the resource "${child}" is a part of "access"`);
});

test("the rule holds for any pair of names", () => {
  fc.assert(
    fc.property(word, word, (parent, child) => {
      expect(() => {
        assertChildName(parent, `${parent}-${child}`);
      }).not.toThrow();
      fc.pre(child !== parent);
      expect(() => {
        assertChildName(parent, child);
      }).toThrow(child);
    }),
  );
});

test("a transform replaces properties, or computes them, and leaves the original alone", () => {
  const computed = { limit: 5, login: true };
  expect(transformed({ limit: 9 }, computed)).toEqual({ limit: 9, login: true });
  expect(transformed((args) => ({ ...args, limit: args.limit * 2 }), computed)).toEqual({ limit: 10, login: true });
  expect(transformed(undefined, computed)).toEqual(computed);
  expect(computed).toEqual({ limit: 5, login: true });
});
