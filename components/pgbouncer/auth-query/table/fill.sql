WITH wanted AS (SELECT key AS username, value AS password FROM pg_catalog.json_each_text($1::pg_catalog.json)),
gone AS (DELETE FROM pooler.verifier v WHERE NOT EXISTS (SELECT FROM wanted w WHERE w.username = v.username))
INSERT INTO pooler.verifier AS v SELECT username, password FROM wanted
ON CONFLICT (username) DO UPDATE SET password = excluded.password WHERE v.password <> excluded.password
