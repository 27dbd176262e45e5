/** Secrets of the receivers. */
export const secrets = {
  url: "https://hooks.example.com/T0/B0/very-secret",
  routingKey: "0123456789abcdef0123456789abcdef",
  password: "word-for-smtp",
  token: "bearer-token",
} as const;

/** One receiver of each kind, in the words of a config. */
export const receivers = {
  team: { slack: { url: secrets.url, channel: "#database" } },
  oncall: { pagerduty: { routingKey: secrets.routingKey } },
  mail: {
    email: {
      to: ["a@example.com", "b@example.com"],
      from: "howdah@example.com",
      smarthost: "smtp.example.com:587",
      username: "howdah",
      password: secrets.password,
    },
  },
  hook: { webhook: { url: "https://example.com/hook/very-secret", token: secrets.token } },
} as const;
