SELECT proname AS name, proname || '(' || oidvectortypes(proargtypes) || ')' AS signature, proowner AS owner, coalesce(proacl, acldefault('f', proowner)) AS acl
FROM pg_proc WHERE pronamespace = to_regnamespace(quote_ident($3)) AND prokind IN (:'kinds')
