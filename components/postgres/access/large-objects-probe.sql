SELECT string_agg(concat_ws(' ', oid::regprocedure, ARRAY(SELECT one::text FROM unnest(proacl) one ORDER BY 1)), ',' ORDER BY oid) FROM pg_catalog.pg_proc
WHERE oid = ANY (ARRAY[:'functions']::regprocedure[])
