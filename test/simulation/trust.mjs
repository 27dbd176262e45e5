// Loaded by --import into every process of an engine under test: servers whose certificates an authority of the test has signed
// are trusted, too. No server of a test can have one of Amazon's, and everything else about TLS stays as it is.
import { readFileSync } from "node:fs";
import tls from "node:tls";

const file = process.env["HOWDAH_SIMULATION_AUTHORITY"];
if (file !== undefined && file !== "") {
  const authority = readFileSync(file, "utf8");
  const { connect } = tls;
  const trusting = (options) =>
    options?.ca === undefined ? options : { ...options, ca: [options.ca, authority].flat() };
  tls.connect = (options, ...rest) => connect.call(tls, trusting(options), ...rest);
}
