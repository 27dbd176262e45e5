/** Code of a database's owner that waits for a superuser's session: each is one way that PostgreSQL has to call it. */
export interface Trap {
  /** Names the trap in what it leaves; letters and underscores. */
  readonly name: string;
  /** SQL of the owner's that sets it, in schema `app`. */
  readonly set: string;
  /** What a careless superuser would do, so that it shuts. */
  readonly naive: string;
  /** PostgreSQL runs it as the table's owner, even for a superuser: then it leaves a row, and no file. Default: false. */
  readonly restricted?: boolean;
}

const act = (name: string): string => `app.act('${name}')`;

/**
 * SQL of the owner's: `app.act` says who called it, in `app.trace`, and if it can, as a superuser, in a file.
 * @param file that a program of the server's user may write to
 */
export const bait = (file: string): string => `
CREATE TABLE app.trace (what text, login text, super boolean, at text DEFAULT current_database());
CREATE FUNCTION app.act(what text) RETURNS int LANGUAGE plpgsql AS $act$
BEGIN
  BEGIN PERFORM pg_catalog.set_config('role', 'none', false); EXCEPTION WHEN OTHERS THEN NULL; END;
  BEGIN EXECUTE pg_catalog.format('COPY (SELECT %L) TO PROGRAM %L', what, 'cat >> ${file}'); EXCEPTION WHEN OTHERS THEN NULL; END;
  BEGIN
    INSERT INTO app.trace SELECT what, session_user, rolsuper FROM pg_catalog.pg_roles WHERE rolname = session_user;
  EXCEPTION WHEN OTHERS THEN NULL; END;
  RETURN 1;
END $act$;
CREATE FUNCTION app.still(what text) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN app.act(what); END';
CREATE FUNCTION app.still(what text, x int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN PERFORM app.act(what); RETURN x; END';
GRANT USAGE ON SCHEMA app TO PUBLIC`;

const table = (name: string, columns = "x int"): string =>
  `CREATE TABLE app.${name} (${columns}); INSERT INTO app.${name} (x) VALUES (1)`;

/** Each in a table of its own. */
export const traps: readonly Trap[] = [
  {
    name: "cast",
    set: `${table("cast_t")}; CREATE FUNCTION app.text_of(app.cast_t) RETURNS text LANGUAGE sql AS $$ SELECT ${act("cast")}::text $$;
      GRANT EXECUTE ON FUNCTION app.text_of(app.cast_t) TO PUBLIC;
      CREATE CAST (app.cast_t AS text) WITH FUNCTION app.text_of(app.cast_t)`,
    naive: "SELECT t::text FROM app.cast_t t",
  },
  {
    name: "policy",
    set: `${table("policy_t")}; ALTER TABLE app.policy_t ENABLE ROW LEVEL SECURITY;
      CREATE POLICY p ON app.policy_t USING (${act("policy")} > 0)`,
    naive: "SET ROLE pg_read_all_data; SELECT count(*) FROM app.policy_t",
  },
  {
    name: "constant_index",
    set: `${table("constant_t")}; CREATE INDEX ON app.constant_t (app.still('constant_index'))`,
    naive: "SELECT sum(hashtextextended(textin(record_out(t)), 0)) FROM app.constant_t t",
  },
  {
    name: "constant_predicate",
    set: `${table("predicate_t")}; CREATE INDEX ON app.predicate_t (x) WHERE app.still('constant_predicate') > 0`,
    naive: "SELECT count(*) FROM app.predicate_t",
  },
  {
    name: "check",
    set: table("check_t", `x int CHECK (${act("check")} > 0)`),
    naive: "INSERT INTO app.check_t VALUES (2)",
  },
  {
    name: "domain",
    set: `CREATE DOMAIN app.positive AS int CHECK (${act("domain")} > 0); ${table("domain_t", "x app.positive")}`,
    naive: "INSERT INTO app.domain_t VALUES (2)",
  },
  {
    name: "default_value",
    set: table("default_t", `x int, y int DEFAULT ${act("default_value")}`),
    naive: "INSERT INTO app.default_t VALUES (2)",
  },
  {
    name: "generated_column",
    set: table("generated_t", "x int, y int GENERATED ALWAYS AS (app.still('generated_column', x)) STORED"),
    naive: "INSERT INTO app.generated_t VALUES (2)",
  },
  {
    name: "row_trigger",
    set: `${table("trigger_t")};
      CREATE FUNCTION app.fire() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM ${act("row_trigger")}; RETURN NEW; END $$;
      CREATE TRIGGER fire BEFORE INSERT ON app.trigger_t FOR EACH ROW EXECUTE FUNCTION app.fire();
      ALTER TABLE app.trigger_t ENABLE ALWAYS TRIGGER fire`,
    naive: "INSERT INTO app.trigger_t VALUES (2)",
  },
  {
    name: "rule",
    set: `${table("rule_t")}; CREATE RULE also AS ON INSERT TO app.rule_t DO ALSO SELECT ${act("rule")}`,
    naive: "INSERT INTO app.rule_t VALUES (2)",
  },
  {
    name: "view",
    set: `CREATE VIEW app.view_t AS SELECT ${act("view")} AS x`,
    naive: "SELECT * FROM app.view_t",
  },
  {
    name: "partition_key",
    set: `CREATE TABLE app.parts_t (x int) PARTITION BY RANGE (app.still('partition_key', x));
      CREATE TABLE app.parts_1 PARTITION OF app.parts_t FOR VALUES FROM (0) TO (100); INSERT INTO app.parts_t VALUES (1)`,
    naive: "INSERT INTO app.parts_t VALUES (2)",
  },
  {
    name: "index_expression",
    set: `${table("index_t")}; CREATE INDEX index_i ON app.index_t (app.still('index_expression', x))`,
    naive: "REINDEX INDEX app.index_i",
    restricted: true,
  },
  {
    name: "exclusion",
    set: table("exclusion_t", "x int, EXCLUDE USING btree (app.still('exclusion', x) WITH =)"),
    naive: "REINDEX TABLE app.exclusion_t",
    restricted: true,
  },
  {
    name: "extended_statistics",
    set: `${table("statistics_t")}; INSERT INTO app.statistics_t SELECT generate_series(1, 100);
      CREATE STATISTICS app.stats ON (app.still('extended_statistics', x)) FROM app.statistics_t`,
    naive: "ANALYZE app.statistics_t",
    restricted: true,
  },
  {
    name: "materialized_view",
    set: `CREATE MATERIALIZED VIEW app.stored AS SELECT ${act("materialized_view")} AS x WITH NO DATA;
      REFRESH MATERIALIZED VIEW app.stored`,
    naive: "REFRESH MATERIALIZED VIEW app.stored",
    restricted: true,
  },
  {
    name: "search_path",
    set: `CREATE FUNCTION app.same(name, text) RETURNS boolean LANGUAGE sql AS $$ SELECT ${act("search_path")} > 0 $$;
      GRANT EXECUTE ON FUNCTION app.same TO PUBLIC;
      CREATE OPERATOR app.= (FUNCTION = app.same, LEFTARG = name, RIGHTARG = text);
      ALTER DATABASE app SET search_path = app, pg_catalog`,
    naive: "SELECT 'x'::name = 'x'::text",
  },
  {
    name: "amcheck",
    set: `CREATE FUNCTION app.bt_index_check(index oid, heapallindexed boolean) RETURNS void LANGUAGE sql AS
        $$ SELECT ${act("amcheck")} $$; GRANT EXECUTE ON FUNCTION app.bt_index_check(oid, boolean) TO PUBLIC`,
    naive: "SELECT app.bt_index_check('pg_class_oid_index'::regclass::oid, false)",
  },
];
