SELECT nspname AS name, NULL::text AS signature, nspowner AS owner, coalesce(nspacl, acldefault('n', nspowner)) AS acl
FROM pg_namespace WHERE nspname = $3
