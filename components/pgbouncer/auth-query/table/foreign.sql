EXISTS (SELECT FROM pg_catalog.pg_namespace s WHERE s.nspname = 'pooler'
  AND s.nspowner::pg_catalog.regrole::pg_catalog.text <> pg_catalog.quote_ident(:'owner')
  AND pg_catalog.starts_with((SELECT pg_catalog.obj_description(s.oid, 'pg_namespace') FROM pg_catalog.pg_namespace s WHERE s.nspname = 'pooler'), 'howdah ') IS NOT TRUE)
