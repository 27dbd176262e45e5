import fc from "fast-check";
import {
  policyDocument,
  serviceTrust,
  type Statement,
  tlsOnly,
} from "../../../../../../components/platforms/aws/identity/policy-document";

const statement: fc.Arbitrary<Statement> = fc.record({
  actions: fc.uniqueArray(fc.constantFrom("s3:GetObject", "s3:PutObject", "kms:Decrypt"), { minLength: 1 }),
  resources: fc.uniqueArray(fc.constantFrom("arn:a", "arn:b", "arn:c"), { minLength: 1 }),
});

test("the order in which statements, actions and resources are written makes no difference", () => {
  fc.assert(
    fc.property(fc.array(statement), (statements) => {
      const reversed = statements
        .map(({ actions, resources = [] }) => ({ actions: actions.toReversed(), resources: resources.toReversed() }))
        .toReversed();
      expect(policyDocument(reversed)).toBe(policyDocument(statements));
    }),
  );
});

test("nothing is lost on the way to JSON", () => {
  const document = policyDocument([
    {
      sid: "A",
      effect: "Deny",
      principals: { Service: "s3.amazonaws.com" },
      actions: ["s3:b", "s3:a", "s3:a"],
      resources: ["arn:x"],
      conditions: { Bool: { "aws:SecureTransport": "false" } },
    },
  ]);
  expect(JSON.parse(document)).toEqual({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "A",
        Effect: "Deny",
        Principal: { Service: "s3.amazonaws.com" },
        Action: ["s3:a", "s3:b"],
        Resource: "arn:x",
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  });
});

test("a service is trusted for one account alone", () => {
  expect(JSON.parse(serviceTrust("backup.amazonaws.com", "123456789012"))).toMatchObject({
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "backup.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
      },
    ],
  });
});

test("a client without TLS is refused", () => {
  expect(tlsOnly(["s3:*"], ["arn:x"])).toMatchObject({
    effect: "Deny",
    principals: "*",
    conditions: { Bool: { "aws:SecureTransport": "false" } },
  });
});
