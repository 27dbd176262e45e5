import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { assertChildName, Component } from "../../../components/component";

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
  expect(() => new Whole("access", child)).toThrow(`the resource "${child}" is part of "access"`);
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
