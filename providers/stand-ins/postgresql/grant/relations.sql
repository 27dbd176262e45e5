SELECT relname AS name, NULL::text AS signature, relowner AS owner, coalesce(relacl, acldefault(:'code', relowner)) AS acl
FROM pg_class WHERE relnamespace = to_regnamespace(quote_ident($3)) AND relkind IN (:'kinds')
