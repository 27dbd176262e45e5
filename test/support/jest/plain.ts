// What the programs under test print has no colours, whoever started the tests: in CI, picocolors colours what goes into a pipe, and a
// jest that writes to a terminal tells its workers to.
process.env.NO_COLOR = "1";
delete process.env.FORCE_COLOR;
