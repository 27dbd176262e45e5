// Loaded by --require into every process of an engine under test: servers whose certificates an authority of the test has signed
// are trusted, too. No server of a test can have one of Amazon's, and everything else about TLS stays as it is.
const { readFileSync } = require("node:fs");
const tls = require("node:tls");

const file = process.env["HOWDAH_SIMULATION_AUTHORITY"];
if (file !== undefined && file !== "") {
  const authority = readFileSync(file, "utf8");
  const { connect } = tls;
  tls.connect = (options, ...rest) =>
    connect.call(
      tls,
      options?.ca === undefined ? options : { ...options, ca: [options.ca, authority].flat() },
      ...rest,
    );
}
