SELECT datname AS name, NULL::text AS signature, datdba AS owner, coalesce(datacl, acldefault('d', datdba)) AS acl
FROM pg_database WHERE datname = $3
